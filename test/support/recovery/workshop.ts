import type { RecordedRequest, SimulatedUser, UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { type Changed, changeRing, type RingParts, type RingRead, readRing } from '../../../shared/ring/change-ring.ts';
import type { Credentials } from '../../../shared/ring/credentials.ts';
import type { Outcome } from '../../../shared/ring/outcome.ts';
import type { RingEvent } from '../../../shared/ring/ring-log.ts';
import type { Wish } from '../../../shared/ring/wish.ts';
import { createUcwaClient, type UcwaClient } from '../../../shared/ucwa/client.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { sip, tel } from '../ring/addresses.ts';
import { MemoryCredentials } from '../ring/memory-credentials.ts';
import { MemoryUsers } from '../ring/memory-users.ts';
import { ImpatientClock } from './impatient-clock.ts';

/** A number that nobody has. */
export const mobile = tel('tel:+14255550123');

export const ringMobile: Wish = { ring: 'contact', target: mobile };

/** How long one request may take; where the simulator lets one hang, that time is over at once. */
export const requestTimeoutMs = 5_000;

const attemptLimitMs = 90_000;

export interface WorkshopOptions {
  readonly discoveryUrl?: string;
  readonly trustedHosts?: readonly string[];
  readonly credentials?: Credentials;
  readonly clock?: ImpatientClock;
}

/** How a change is asked for, where it matters. */
export interface Asked {
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** One instance at work on a simulator over HTTP: all of the recovery is real, its ports are in memory. */
export class Workshop {
  readonly simulator: UcwaSimulator;
  readonly clock: ImpatientClock;
  readonly users = new MemoryUsers();
  readonly secrets = new MemoryCredentials();
  readonly events: RingEvent[] = [];
  readonly client: UcwaClient;
  readonly #parts: RingParts;
  #asked = 0;
  #ids = 0;

  constructor(simulator: UcwaSimulator, options: WorkshopOptions = {}) {
    this.simulator = simulator;
    this.clock = options.clock ?? new ImpatientClock();
    this.client = createUcwaClient({
      discoveryUrls: () => [new URL(options.discoveryUrl ?? simulator.discoveryUrl)],
      trustedHosts: options.trustedHosts ?? ['127.0.0.1'],
      requestTimeoutMs,
      clock: this.clock,
    });
    this.#parts = {
      ucwa: this.client,
      credentials: options.credentials ?? this.secrets,
      clock: this.clock,
      random: () => 0,
      users: this.users,
      log: (event) => void this.events.push(event),
      newId: () => `claim-${++this.#ids}`,
      attemptLimitMs,
    };
  }

  /** Asks for a change that is newer than all before. */
  change(user: SipUri, wish: Wish = ringMobile, { dryRun = false, signal }: Asked = {}): Promise<Changed> {
    this.#asked += 1;
    return changeRing(this.#parts, {
      user,
      wish,
      order: { requestedAtMs: this.#asked, batch: `batch-${this.#asked}`, part: 0, entry: 0 },
      dryRun,
      correlationId: 'a-correlation-id',
      signal: signal ?? new AbortController().signal,
    });
  }

  /** The outcome of a change; throws where somebody else is at work as this person. */
  async outcome(user: SipUri, wish?: Wish, asked?: Asked): Promise<Outcome> {
    const changed = await this.change(user, wish, asked);
    if (changed.kind === 'busy') throw new Error(`Somebody else is at work as ${user}.`);
    return changed.outcome;
  }

  read(user: SipUri): Promise<RingRead> {
    return readRing(this.#parts, { user, correlationId: 'a-correlation-id', signal: new AbortController().signal });
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

/** Lets the time of a request be over as soon as the simulator lets it hang. Answers what stops that. */
export function endHangsAtOnce(simulator: UcwaSimulator, clock: () => ImpatientClock | undefined): () => void {
  const ended = new WeakSet<RecordedRequest>();
  const timer = setInterval(() => {
    for (const request of simulator.requests) {
      if (request.status !== 'hang' || ended.has(request)) continue;
      ended.add(request);
      clock()?.endTimeouts(requestTimeoutMs);
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
