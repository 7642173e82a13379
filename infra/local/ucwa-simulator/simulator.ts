import { controlListener } from './control/control.ts';
import { listenerFor } from './server/listener.ts';
import { OriginServer } from './server/origin-server.ts';
import { Applications } from './state/applications.ts';
import { copyOf } from './state/call-forwarding.ts';
import { configure } from './state/configuration.ts';
import { FaultBook } from './state/pending-faults.ts';
import { RequestLog } from './state/request-log.ts';
import type { World } from './state/simulation.ts';
import { Tokens } from './state/tokens.ts';
import { Users, writeState } from './state/users.ts';
import type {
  CallForwardingState,
  Fault,
  RecordedRequest,
  SimulatedUser,
  SimulatorOptions,
  Step,
  Variants,
} from './types.ts';

export type * from './types.ts';

/**
 * A UCWA 2.0 server to test clients against: discovery on one origin, every pool on its own, state for each user,
 * and what a real server refuses. It listens on 127.0.0.1 only.
 */
export class UcwaSimulator {
  readonly #world: World;
  readonly #discovery: OriginServer;
  readonly #pools: readonly [OriginServer, ...OriginServer[]];

  /** Throws where pools have the same name, or a user is homed on none of them. */
  constructor(options: SimulatorOptions) {
    const configuration = configure(options);
    const server = (name: string, index: number, host = '127.0.0.1', port = 0) =>
      new OriginServer({ name, index, host, port, tls: options.tls });
    const poolServer = (name: string, index: number) =>
      server(name, index, options.hosts?.pools?.[index], options.ports?.pools?.[index]);
    const [registrar, ...others] = configuration.poolNames;
    this.#discovery = server('discovery', -1, options.hosts?.discovery, options.ports?.discovery);
    this.#pools = [poolServer(registrar, 0), ...others.map((name, place) => poolServer(name, place + 1))];
    this.#world = {
      configuration,
      users: new Users(configuration.poolNames),
      tokens: new Tokens(configuration.now, configuration.tokenLifetimeMs),
      applications: new Applications(configuration),
      faults: new FaultBook(),
      log: new RequestLog(configuration.requestLog),
      discovery: this.#discovery,
      pools: this.#pools,
      lockouts: 0,
    };
    this.addUsers(options.users);
  }

  /** Starts every server; where a port is taken, none stays started. */
  async start(): Promise<void> {
    try {
      for (const pool of this.#pools) await this.#startPool(pool);
      await this.#discovery.start(controlListener(this, listenerFor(this.#world, this.#discovery)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops every server and ends open connections. */
  async stop(): Promise<void> {
    await Promise.all([this.#discovery, ...this.#pools].map((server) => server.stop()));
  }

  /** The one root for all domains, with a slash at the end. */
  get discoveryUrl(): string {
    return `${this.#discovery.url}/`;
  }

  /** The origin of a pool, without a slash at the end; of the registrar unless named. */
  poolUrl(name?: string): string {
    return this.#pool(name ?? this.#pools[0].name).url;
  }

  /** The recorded requests, oldest first. */
  get requests(): readonly RecordedRequest[] {
    return this.#world.log.all();
  }

  /** How many requests of a step there were since the last clearing, also those no longer recorded. */
  count(step: Step, user?: string): number {
    return this.#world.log.count(step, user);
  }

  countsByStep(): Record<string, number> {
    return this.#world.log.countsByStep();
  }

  clearRequests(): void {
    this.#world.log.clear();
  }

  /** Lets requests fail; throws for a pool or a user that there is not. */
  fail(fault: Fault): void {
    if (fault.user !== undefined) this.#world.users.get(fault.user);
    if (fault.pool !== undefined && fault.pool !== 'discovery') this.#pool(fault.pool);
    this.#world.faults.add(fault);
  }

  clearFaults(): void {
    this.#world.faults.clear();
  }

  /** Switches the variants given; the others stay. */
  setVariants(variants: Partial<Variants>): void {
    const { configuration } = this.#world;
    configuration.variants = { ...configuration.variants, ...variants };
  }

  setLatency(ms: number): void {
    this.#world.configuration.latencyMs = ms;
  }

  /** How many requests each pool works at, at once; `undefined` for any number. */
  setCapacity(requests: number | undefined): void {
    this.#world.configuration.capacity = requests;
  }

  /** Refuses connections to a pool, and ends the open ones. */
  async stopPool(name: string): Promise<void> {
    await this.#pool(name).stop();
  }

  /** Starts a pool again, on the port it had. */
  async startPool(name: string): Promise<void> {
    await this.#startPool(this.#pool(name));
  }

  /** A user's settings as they are, whether they show already or not. */
  state(sip: string): CallForwardingState {
    return copyOf(this.#world.users.get(sip).state);
  }

  /** Every user's settings. */
  *states(): Generator<[sip: string, state: CallForwardingState]> {
    for (const user of this.#world.users.all()) yield [user.profile.sip, user.state];
  }

  /** Replaces the parts given of a user's settings; they show at once. */
  setState(sip: string, parts: Partial<CallForwardingState>): void {
    const user = this.#world.users.get(sip);
    writeState(user, copyOf({ ...user.state, ...parts }), 0);
  }

  /** A user's living applications. */
  applications(sip: string): number {
    return this.#world.applications.livingOf(this.#world.users.get(sip));
  }

  expireApplications(sip: string): void {
    this.#world.applications.expireAll(this.#world.users.get(sip));
  }

  /** Revokes the tokens of one user, or all. */
  expireTokens(sip?: string): void {
    this.#world.tokens.expire(sip === undefined ? undefined : this.#world.users.get(sip).index);
  }

  /** Lets a locked user sign in again. */
  unlock(sip: string): void {
    const user = this.#world.users.get(sip);
    user.locked = false;
    user.wrongPasswords = 0;
  }

  setPassword(sip: string, password: string): void {
    const user = this.#world.users.get(sip);
    user.profile = { ...user.profile, password };
  }

  /** How often an account was locked. */
  get lockouts(): number {
    return this.#world.lockouts;
  }

  /** Adds users; one of an address already known gets the new rights, password, pool and settings. */
  addUsers(users: readonly SimulatedUser[]): void {
    for (const user of users) this.#world.users.add(user);
  }

  /** How many users there are, and living applications of all of them. */
  totals(): { users: number; applications: number } {
    return { users: this.#world.users.size, applications: this.#world.applications.living() };
  }

  #startPool(pool: OriginServer): Promise<void> {
    return pool.start(listenerFor(this.#world, pool));
  }

  #pool(name: string): OriginServer {
    const pool = this.#pools.find((candidate) => candidate.name === name);
    if (!pool) throw new Error(`The simulator has no pool "${name}".`);
    return pool;
  }
}
