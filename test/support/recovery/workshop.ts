import { onTestFinished } from 'vitest';
import type {
  RecordedRequest,
  SimulatedUser,
  SimulatorOptions,
  UcwaSimulator,
} from '../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';
import type { Outcome } from '../../../shared/ring/model/outcome.ts';
import type { RingEvent } from '../../../shared/ring/ports/events.ts';
import {
  type Changed,
  changeRing,
  type RingParts,
  type RingRead,
  readRing,
} from '../../../shared/ring/user/change-ring.ts';
import { unlimitedSlots } from '../../../shared/runtime/semaphore.ts';
import { createUcwaClient, type UcwaClient } from '../../../shared/ucwa/client.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { sip, tel } from '../ring/addresses.ts';
import { MemoryCredentials } from '../ring/memory-credentials.ts';
import { MemoryUsers } from '../ring/memory-users.ts';
import { simulate } from '../ucwa/simulation.ts';
import { ImpatientClock } from './impatient-clock.ts';

/** A number that nobody has. */
export const mobile = tel('tel:+14255550123');

export const ringMobile: DesiredRing = { ring: 'contact', target: mobile };

/** How long one request may take; where the simulator lets one hang, that time is over at once. */
export const requestTimeoutMs = 5_000;

/** How many requests may be under way to one pool, as long as it bears them. */
export const requestsAtOnce = 16;

const attemptLimitMs = 90_000;

export interface WorkshopOptions {
  readonly discoveryUrl?: string;
  readonly trustedHosts?: readonly string[];
  readonly clock?: ImpatientClock;
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
export class Workshop {
  readonly simulator: UcwaSimulator;
  readonly clock: ImpatientClock;
  readonly users: MemoryUsers;
  readonly secrets: MemoryCredentials;
  readonly events: RingEvent[] = [];
  /** Hosts that were left alone, and used again. */
  readonly poolChanges: string[] = [];
  /** Hosts that served somebody. */
  readonly hostsUsed: string[] = [];
  readonly client: UcwaClient;
  /** What happens when a request hangs: its time is over, unless a test has other plans. */
  onHang = () => this.clock.endTimeouts(requestTimeoutMs);
  readonly #parts: RingParts;
  #ids = 0;

  constructor(simulator: UcwaSimulator, options: WorkshopOptions = {}) {
    this.simulator = simulator;
    this.clock = options.clock ?? new ImpatientClock();
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
    this.#parts = {
      ucwa: this.client,
      credentials: this.secrets,
      clock: this.clock,
      random: () => 0,
      slots: unlimitedSlots,
      users: this.users,
      log: (event) => void this.events.push(event),
      hostsServed: { note: (hosts) => void this.hostsUsed.push(...hosts) },
      newId: () => `claim-${++this.#ids}`,
      attemptLimitMs,
    };
  }

  /** Asks for a change that is newer than all before, unless it is the one before again. */
  change(
    user: SipUri,
    desired: DesiredRing = ringMobile,
    { dryRun = false, signal, again = false }: Asked = {},
  ): Promise<Changed> {
    if (!again) asked += 1;
    return changeRing(this.#parts, {
      user,
      desired,
      order: { requestedAtMs: asked, batch: `batch-${asked}`, part: 0, entry: 0 },
      dryRun,
      correlationId: 'a-correlation-id',
      signal: signal ?? new AbortController().signal,
    });
  }

  /** The outcome of a change; throws where somebody else is at work as this person. */
  async outcome(user: SipUri, desired?: DesiredRing, asked?: Asked): Promise<Outcome> {
    const changed = await this.change(user, desired, asked);
    if (!('outcome' in changed)) throw new Error(`The change for ${user} is ${changed.kind}.`);
    return changed.outcome;
  }

  read(user: SipUri): Promise<RingRead> {
    return readRing(this.#parts, {
      user,
      correlationId: 'a-correlation-id',
      signal: new AbortController().signal,
    });
  }

  /** Makes a person known to the simulator and puts the password into the vault. */
  hire(name: string, profile: Partial<SimulatedUser> = {}): SipUri {
    const user = sip(`sip:${name}@contoso.com`);
    const credential = { username: `CONTOSO\\${name}`, password: `password of ${name}` };
    this.simulator.addUsers([{ sip: user, ...credential, ...profile }]);
    this.secrets.set(user, credential);
    return user;
  }
}

/** Starts a simulator, and one instance at work on it; both end with the test. */
export async function openWorkshop(
  simulated: Partial<SimulatorOptions> = {},
  options: WorkshopOptions = {},
): Promise<Workshop> {
  const simulator = await simulate({ users: [], ...simulated });
  const workshop = new Workshop(simulator, options);
  onTestFinished(watchHangs(simulator, () => workshop.onHang()));
  return workshop;
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

/** What the simulator was asked since the last clearing, by kind; nothing of what it was not asked. */
export function requestsByStep(simulator: UcwaSimulator): Record<string, number> {
  return Object.fromEntries(Object.entries(simulator.countsByStep()).filter(([, count]) => count > 0));
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
