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
import { changeRing, readRing, type Tried } from '../../../shared/ring/user/change-ring.ts';
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

/** A number that nobody has. */
export const mobile = tel('tel:+14255550123');

export const ringMobile: DesiredRing = { ring: 'contact', target: mobile };

/** How long one request may take; where the simulator lets one hang, that time is over at once. */
export const requestTimeoutMs = 5_000;

/** How many requests may be under way to one pool, as long as it bears them. */
export const requestsAtOnce = 16;

export interface HarnessOptions {
  readonly discoveryUrl?: string;
  readonly trustedHosts?: readonly string[];
  readonly clock?: FakeClock;
  /** Shared by instances, and left by one that ended. */
  readonly users?: MemoryUsers;
  readonly secrets?: MemoryCredentials;
}

/** How a change is asked for, where it matters. */
export interface Asked {
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** The request before comes again, as from the queue. */
  readonly again?: boolean;
}

/** Counts the requests of all instances, so that each is newer than those before. */
let asked = 0;

/** One instance at work on a simulator over HTTP: all of the recovery is real, its ports are in memory. */
export class RecoveryHarness {
  readonly simulator: UcwaSimulator;
  readonly clock: FakeClock;
  readonly users: MemoryUsers;
  readonly secrets: MemoryCredentials;
  readonly events: RingEvent[] = [];
  /** Hosts that were left alone, and used again. */
  readonly poolChanges: string[] = [];
  /** Hosts that served somebody. */
  readonly hostsUsed: string[] = [];
  readonly client: UcwaClient;
  /** What happens when a request hangs: its time is over, unless a test has other plans. */
  onHang = () => this.clock.expireTimeouts(requestTimeoutMs);
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
      hostsServed: { note: (hosts) => void this.hostsUsed.push(...hosts) },
      newId: () => `claim-${++this.#ids}`,
    });
  }

  /** Asks for a change that is newer than all before, unless it is the one before again. */
  change(
    user: SipUri,
    desired: DesiredRing = ringMobile,
    { dryRun = false, signal, again = false }: Asked = {},
  ): Promise<Tried> {
    if (!again) asked += 1;
    const order = { requestedAtMs: asked, batch: `batch-${asked}`, part: 0, entry: 0 };
    return changeRing(this.#deps, this.#invocation(signal), { user, desired, order, dryRun });
  }

  /** The outcome of a change; throws where somebody else is at work as this person. */
  async outcome(user: SipUri, desired?: DesiredRing, asked?: Asked): Promise<Outcome> {
    const changed = await this.change(user, desired, asked);
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

  /** Makes a person known to the simulator and puts the password into the vault. */
  addUser(name: string, profile: Partial<SimulatedUser> = {}): SipUri {
    const user = sip(`sip:${name}@contoso.com`);
    const credential = { username: `CONTOSO\\${name}`, password: `password of ${name}` };
    this.simulator.addUsers([{ sip: user, ...credential, ...profile }]);
    this.secrets.set(user, credential);
    return user;
  }
}

/** Starts a simulator, and one instance at work on it; both end with the test. */
export async function openHarness(
  simulated: Partial<SimulatorOptions> = {},
  options: HarnessOptions = {},
): Promise<RecoveryHarness> {
  const simulator = await simulate({ users: [], ...simulated });
  const harness = new RecoveryHarness(simulator, options);
  onTestFinished(watchHangs(simulator, () => harness.onHang()));
  return harness;
}

/** Calls back as soon as the simulator lets a request hang. Answers what stops that. */
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

/** Whether the server rings the mobile beside this person. */
export function ringsMobile(simulator: UcwaSimulator, user: SipUri): boolean {
  const { activeSetting, simultaneousRing } = simulator.state(user);
  return (
    activeSetting === 'SimultaneousRing' &&
    simultaneousRing.target === 'Contact' &&
    simultaneousRing.contact === mobile
  );
}
