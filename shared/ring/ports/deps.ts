import type { Clock } from '../../runtime/clock.ts';
import type { Slots } from '../../runtime/semaphore.ts';
import type { UcwaClient } from '../../ucwa/client.ts';
import type { OnBehalfOf } from '../../ucwa/sign-in/on-behalf-of.ts';
import type { RequestRules } from '../model/parse-request.ts';
import type { CredentialStore } from './credential-store.ts';
import type { Log } from './events.ts';
import type { Ledger } from './ledger.ts';
import type { Queues } from './queues.ts';
import type { UserStore } from './user-store.ts';

/** The collaborators of every use case: one object for each instance. */
export interface RingDeps {
  readonly ucwa: UcwaClient;
  readonly credentials: CredentialStore;
  readonly users: UserStore;
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly rules: RequestRules;
  readonly limits: RingLimits;
  /** Users of batches at work on UCWA, from sign-in to clean-up. Callers who wait take no slot. */
  readonly slots: Slots;
  /** Users of batches in flight: those at work on UCWA, and those whose secret is read or outcome written. */
  readonly inFlight: Slots;
  readonly hostsServed: HostsServed;
  readonly clock: Clock;
  /** Returns a number from 0 up to 1. */
  readonly random: () => number;
  readonly newId: () => string;
}

/** How long and how often a use case tries. */
export interface RingLimits {
  /** One attempt; its claim lasts 30 seconds longer. */
  readonly attemptLimitMs: number;
  /** How long a caller over HTTP waits before the change goes to the queue. */
  readonly httpBudgetMs: number;
  /** How long one message runs before the rest of it is requeued. */
  readonly sliceMs: number;
  readonly maxAttempts: number;
  readonly giveUpAfterMs: number;
  /** How long results are kept. A request that is older than that when it is sent is not taken. */
  readonly retentionMs: number;
}

/** What belongs to one call: a request over HTTP or one delivery of a message. */
export interface Invocation {
  readonly log: Log;
  readonly correlationId: string;
  /** Aborted when the instance is about to stop: nothing new is started, and attempts end. */
  readonly signal: AbortSignal;
  /** A caller who waits goes ahead of the users of a batch. */
  readonly priority: 'caller' | 'batch';
  /** The identified caller of the request, or of the batch that the message belongs to: an id, never a name. */
  readonly by?: string | undefined;
  /** Signs in as the person who calls, without a stored password where the pool takes tokens of Entra. Never stored. */
  readonly onBehalfOf?: OnBehalfOf | undefined;
}

/** Records which hosts served a user. */
export interface HostsServed {
  note(hosts: Iterable<string>, log: Log): void;
}
