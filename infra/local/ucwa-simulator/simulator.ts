import { controlListener } from './control/control.ts';
import type { ControlledSimulator } from './control/controlled-simulator.ts';
import { listenerFor } from './server/listener.ts';
import { OriginServer } from './server/origin-server.ts';
import { Applications } from './state/applications.ts';
import { copyOf } from './state/call-forwarding.ts';
import { configure } from './state/configuration.ts';
import { PendingFaults } from './state/pending-faults.ts';
import { type CountFilter, RequestLog } from './state/request-log.ts';
import type { Simulation } from './state/simulation.ts';
import { Tokens } from './state/tokens.ts';
import { Users, writeState } from './state/users.ts';
import type { Step } from './steps.ts';
import type {
  CallForwardingState,
  Fault,
  RecordedRequest,
  SimulatedUser,
  SimulatorOptions,
  Variants,
} from './types.ts';

export type { CountFilter } from './state/request-log.ts';
export type { Operation, Step } from './steps.ts';
export type * from './types.ts';

/**
 * A UCWA 2.0 server to test clients against: discovery on one origin, each pool on its own, state for each user, and the
 * refusals of a real server. It listens on 127.0.0.1 only.
 */
export class UcwaSimulator implements ControlledSimulator {
  readonly #simulation: Simulation;
  readonly #discovery: OriginServer;
  readonly #pools: readonly [OriginServer, ...OriginServer[]];

  /** Throws when pool names repeat, or a user's home pool does not exist. */
  constructor(options: SimulatorOptions) {
    const configuration = configure(options);
    const server = (name: string, index: number, host = '127.0.0.1', port = 0) =>
      new OriginServer({ name, index, host, port, tls: options.tls });
    const poolServer = (name: string, index: number) =>
      server(name, index, options.hosts?.pools?.[index], options.ports?.pools?.[index]);
    const [registrar, ...others] = configuration.poolNames;
    this.#discovery = server('discovery', -1, options.hosts?.discovery, options.ports?.discovery);
    this.#pools = [poolServer(registrar, 0), ...others.map((name, place) => poolServer(name, place + 1))];
    this.#simulation = {
      configuration,
      users: new Users(configuration.poolNames),
      tokens: new Tokens(configuration.now, configuration.tokenLifetimeMs),
      applications: new Applications(configuration),
      faults: new PendingFaults(),
      log: new RequestLog(configuration.requestLog),
      discovery: this.#discovery,
      pools: this.#pools,
      lockouts: 0,
    };
    this.addUsers(options.users);
  }

  /** Starts every server, or none: rejects with Node's `EADDRINUSE` error when a port is in use. */
  async start(): Promise<void> {
    try {
      for (const pool of this.#pools) await this.#startPool(pool);
      await this.#discovery.start(controlListener(this, listenerFor(this.#simulation, this.#discovery)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops every server and closes open connections. */
  async stop(): Promise<void> {
    await Promise.all([this.#discovery, ...this.#pools].map((server) => server.stop()));
  }

  /** The discovery root of all domains, with a slash at the end; throws before the first start. */
  get discoveryUrl(): string {
    return `${this.#discovery.url}/`;
  }

  /** Returns the origin of a pool, by default of the registrar, without a slash at the end. */
  poolUrl(name?: string): string {
    return this.#pool(name ?? this.#pools[0].name).url;
  }

  /** The recorded requests, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#simulation.log.all();
  }

  /** Counts the requests of a step since the last {@link clearRequests}, those no longer recorded included. */
  count(step: Step, filter?: CountFilter): number {
    return this.#simulation.log.count(step, filter);
  }

  /** Counts the requests of every step. */
  countsByStep(): Record<string, number> {
    return this.#simulation.log.countsByStep();
  }

  /** Counts the requests of each step by operation; has only what was requested. */
  countsByOperation(): Record<string, Record<string, number>> {
    return this.#simulation.log.countsByOperation();
  }

  /** Forgets recorded requests and counts. */
  clearRequests(): void {
    this.#simulation.log.clear();
  }

  /** Adds a fault. Throws for an unknown pool or user. */
  fail(fault: Fault): void {
    if (fault.user !== undefined) this.#simulation.users.get(fault.user);
    if (fault.pool !== undefined && fault.pool !== 'discovery') this.#pool(fault.pool);
    this.#simulation.faults.add(fault);
  }

  clearFaults(): void {
    this.#simulation.faults.clear();
  }

  /** Changes the given variants; the others stay. */
  setVariants(variants: Partial<Variants>): void {
    const { configuration } = this.#simulation;
    configuration.variants = { ...configuration.variants, ...variants };
  }

  setLatency(ms: number): void {
    this.#simulation.configuration.latencyMs = ms;
  }

  /** Limits the requests that each pool processes at once; `undefined` is unlimited. */
  setCapacity(requests: number | undefined): void {
    this.#simulation.configuration.capacity = requests;
  }

  /** Refuses connections to a pool and closes the open ones. */
  async stopPool(name: string): Promise<void> {
    await this.#pool(name).stop();
  }

  /** Starts a stopped pool on its former port. */
  async startPool(name: string): Promise<void> {
    await this.#startPool(this.#pool(name));
  }

  /** Returns a copy of a user's settings as they are, even if reads do not show them yet. */
  state(sip: string): CallForwardingState {
    return copyOf(this.#simulation.users.get(sip).state);
  }

  /** Yields the settings of every user. */
  *states(): Generator<[sip: string, state: CallForwardingState]> {
    for (const user of this.#simulation.users.all()) yield [user.profile.sip, user.state];
  }

  /** Replaces the given properties of a user's settings; reads show them at once. */
  setState(sip: string, changes: Partial<CallForwardingState>): void {
    const user = this.#simulation.users.get(sip);
    writeState(user, copyOf({ ...user.state, ...changes }), 0);
  }

  /** Counts a user's applications that have not expired. */
  applications(sip: string): number {
    return this.#simulation.applications.activeOf(this.#simulation.users.get(sip));
  }

  /** Expires all applications of a user. */
  expireApplications(sip: string): void {
    this.#simulation.applications.expireAll(this.#simulation.users.get(sip));
  }

  /** Revokes the tokens of one user, or of all. */
  expireTokens(sip?: string): void {
    this.#simulation.tokens.expire(sip === undefined ? undefined : this.#simulation.users.get(sip).index);
  }

  /** Unlocks an account and forgets its wrong passwords. */
  unlock(sip: string): void {
    const user = this.#simulation.users.get(sip);
    user.locked = false;
    user.wrongPasswords = 0;
  }

  setPassword(sip: string, password: string): void {
    const user = this.#simulation.users.get(sip);
    user.profile = { ...user.profile, password };
  }

  /** How often an account was locked. */
  get lockouts(): number {
    return this.#simulation.lockouts;
  }

  /** Adds users, or replaces rights, password, pool and settings of those with a known address. */
  addUsers(users: readonly SimulatedUser[]): void {
    for (const user of users) this.#simulation.users.add(user);
  }

  /** Counts all users, and their applications that have not expired. */
  totals(): { users: number; applications: number } {
    return { users: this.#simulation.users.size, applications: this.#simulation.applications.active() };
  }

  #startPool(pool: OriginServer): Promise<void> {
    return pool.start(listenerFor(this.#simulation, pool));
  }

  #pool(name: string): OriginServer {
    const pool = this.#pools.find((candidate) => candidate.name === name);
    if (!pool) throw new Error(`The simulator has no pool "${name}".`);
    return pool;
  }
}
