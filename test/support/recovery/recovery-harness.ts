import { onTestFinished } from 'vitest';
import type {
  RecordedRequest,
  SimulatedUser,
  SimulatorOptions,
  UcwaSimulator,
} from '../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';
import type { Outcome } from '../../../shared/ring/model/outcome.ts';
import type { RingState } from '../../../shared/ring/model/ring-state.ts';
import type { Invocation, RingDeps } from '../../../shared/ring/ports/deps.ts';
import type { RingEvent } from '../../../shared/ring/ports/events.ts';
import { changeRing, readRing } from '../../../shared/ring/user/change-ring.ts';
import type { Tried } from '../../../shared/ring/user/tried.ts';
import type { Result } from '../../../shared/runtime/result.ts';
import { createUcwaClient, type UcwaClient } from '../../../shared/ucwa/client.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { FakeClock } from '../fake-clock.ts';
import { sip, tel } from '../ring/addresses.ts';
import { MemoryCredentials } from '../ring/memory-credentials.ts';
import { MemoryLedger } from '../ring/memory-ledger.ts';
import { MemoryQueues } from '../ring/memory-queues.ts';
import { MemoryUsers } from '../ring/memory-users.ts';
import { invocation, ringDeps } from '../ring/ring-deps.ts';
import { simulate } from '../ucwa/simulation.ts';

/** A number reserved for fiction. */
export const mobile = tel('tel:+14255550123');

export const ringMobile: DesiredRing = { ring: 'contact', target: mobile };

/** The time limit of one request. Where the simulator lets a request hang, the limit is over at once. */
export const requestTimeoutMs = 5_000;

/** The most requests in progress at one pool, before it asks for fewer. */
export const requestsAtOnce = 16;

export interface HarnessOptions {
  readonly discoveryUrl?: string;
  readonly trustedHosts?: readonly string[];
  readonly clock?: FakeClock;
  /** Given where instances share a user store, or one starts with what another left. */
  readonly users?: MemoryUsers;
  readonly secrets?: MemoryCredentials;
}

/** Options of one change. */
export interface ChangeOptions {
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Repeats the previous request, as a message that is delivered again does. */
  readonly again?: boolean;
}

/** Counts the changes requested of all instances, so that each request is newer than those before. */
let requested = 0;

/** One instance on a simulator over HTTP. Its recovery is real; its ports are in memory. */
export class RecoveryHarness {
  readonly simulator: UcwaSimulator;
  readonly clock: FakeClock;
  readonly users: MemoryUsers;
  readonly secrets: MemoryCredentials;
  readonly events: RingEvent[] = [];
  /** Hosts that were paused or resumed. */
  readonly poolChanges: string[] = [];
  /** Hosts that served a user. */
  readonly hostsServed: string[] = [];
  readonly client: UcwaClient;
  /** Called when a request hangs; by default its time limit is over. A token request has three times the others' limit. */
  onHang = () => this.clock.expireTimeouts(3 * requestTimeoutMs);
  readonly #deps: RingDeps;
  #ids = 0;

  constructor(simulator: UcwaSimulator, options: HarnessOptions = {}) {
    this.simulator = simulator;
    this.clock = options.clock ?? new FakeClock({ skipsSleeps: true, realTimeouts: true });
    this.users = options.users ?? new MemoryUsers();
    this.secrets = options.secrets ?? new MemoryCredentials();
    this.client = createUcwaClient({
      discoveryUrls: () => [new URL(options.discoveryUrl ?? simulator.discoveryUrl)],
      trustedHosts: options.trustedHosts ?? ['127.0.0.1'],
      requestTimeoutMs,
      requestsAtOnce,
      clock: this.clock,
      onPoolChange: (host, state) => void this.poolChanges.push(`${host} ${state}`),
    });
    this.#deps = ringDeps({
      ucwa: this.client,
      credentials: this.secrets,
      clock: this.clock,
      random: () => 0,
      users: this.users,
      ledger: new MemoryLedger(),
      queues: new MemoryQueues(),
      hostsServed: { note: (hosts) => void this.hostsServed.push(...hosts) },
      newId: () => `claim-${++this.#ids}`,
    });
  }

  /** Requests a change that is newer than all before, unless it repeats the previous one. */
  change(
    user: SipUri,
    desired: DesiredRing = ringMobile,
    { dryRun = false, signal, again = false }: ChangeOptions = {},
  ): Promise<Tried> {
    if (!again) requested += 1;
    const order = { effectiveAtMs: requested, batch: `batch-${requested}`, part: 0, entry: 0 };
    return changeRing(this.#deps, this.#invocation(signal), { user, desired, order, dryRun });
  }

  /** Requests a change and returns its outcome. Throws where another worker has claimed the user. */
  async outcome(user: SipUri, desired?: DesiredRing, options?: ChangeOptions): Promise<Outcome> {
    const changed = await this.change(user, desired, options);
    if (!('outcome' in changed)) throw new Error(`The change for ${user} is ${changed.kind}.`);
    return changed.outcome;
  }

  read(user: SipUri): Promise<Result<RingState, Tried>> {
    return readRing(this.#deps, this.#invocation(), { user });
  }

  #invocation(signal = new AbortController().signal): Invocation {
    const log = (event: RingEvent) => void this.events.push(event);
    return invocation({ log, correlationId: 'a-correlation-id', signal });
  }

  /** Adds a user to the simulator, and the user's credential to the vault. */
  addUser(name: string, profile: Partial<SimulatedUser> = {}): SipUri {
    const user = sip(`sip:${name}@contoso.com`);
    const credential = { username: `CONTOSO\\${name}`, password: `password of ${name}` };
    this.simulator.addUsers([{ sip: user, ...credential, ...profile }]);
    this.secrets.set(user, credential);
    return user;
  }
}

/** Starts a simulator, which ends with the test, and opens one instance on it. */
export async function openHarness(
  simulated: Partial<SimulatorOptions> = {},
  options: HarnessOptions = {},
): Promise<RecoveryHarness> {
  const simulator = await simulate({ users: [], ...simulated });
  const harness = new RecoveryHarness(simulator, options);
  onTestFinished(watchHangs(simulator, () => harness.onHang()));
  return harness;
}

/** Calls back whenever the simulator lets a request hang. Returns the function that stops it. */
export function watchHangs(simulator: UcwaSimulator, onHang: () => void): () => void {
  const seen = new WeakSet<RecordedRequest>();
  const timer = setInterval(() => {
    for (const request of simulator.requests) {
      if (request.status !== 'hang' || seen.has(request)) continue;
      seen.add(request);
      onHang();
    }
  }, 1);
  return () => clearInterval(timer);
}

/** Returns true where the server rings the mobile together with this user's phone. */
export function ringsMobile(simulator: UcwaSimulator, user: SipUri): boolean {
  const { activeSetting, simultaneousRing } = simulator.state(user);
  return (
    activeSetting === 'SimultaneousRing' &&
    simultaneousRing.target === 'Contact' &&
    simultaneousRing.contact === mobile
  );
}
