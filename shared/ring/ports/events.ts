import type { DesiredRing } from '../model/desired-ring.ts';
import type { FailureCode } from '../model/failure-code.ts';
import type { Disposition, OutcomeName, RecoveryStep } from '../model/outcome.ts';
import type { RingState } from '../model/ring-state.ts';

type Level = 'info' | 'warn' | 'error';

interface EventBase<Name extends string> {
  readonly event: Name;
  readonly level: Level;
}

/** An event of one request; no field of it is a secret or a phone number. */
interface RequestEvent<Name extends string> extends EventBase<Name> {
  readonly correlationId: string;
}

/** An attempt at UCWA that failed. */
export interface RingFailed extends RequestEvent<'ring-failed'> {
  readonly user: string;
  /** The row of the decision table. */
  readonly failure: string;
  readonly code: FailureCode;
  readonly end: Disposition;
  readonly host: string | undefined;
  readonly status: number | undefined;
  readonly subcode: string | undefined;
  readonly diagnostics: string | undefined;
  readonly recovery: readonly RecoveryStep[];
  readonly requests: number;
  /** From sign-in to clean-up. */
  readonly durationMs: number;
  /** The batch of the request, as in `ring-changed`; undefined for a read. */
  readonly batch: string | undefined;
}

/** A request that changed a ring has ended, or failed after a write that may have taken effect: once for each request. */
export interface RingChanged extends RequestEvent<'ring-changed'> {
  readonly user: string;
  readonly ring: DesiredRing['ring'];
  readonly outcome: OutcomeName;
  /** The ring that was set before; undefined where nothing recorded it. */
  readonly previousRing: RingState['ring'] | undefined;
  /** What the sender said of itself; nothing verifies it. */
  readonly source: string | undefined;
  /** The identified caller: an object id or an application id. Absent with function keys, and for messages of the queue. */
  readonly by: string | undefined;
  /** Where no batch of this name exists, the request came over HTTP and was not deferred. */
  readonly batch: string;
  /** Of the attempt that ended the request, from sign-in to clean-up; undefined where it was given up between attempts. */
  readonly durationMs: number | undefined;
  /** The steps of recovery of that attempt. */
  readonly recovery: readonly RecoveryStep[] | undefined;
}

/** An undo that failed for good: a setting stands although it was to end. */
export interface UndoFailed extends RequestEvent<'undo-failed'> {
  readonly user: string;
  /** The batch of the undo. */
  readonly batch: string;
  /** The batch whose setting was to end. */
  readonly undoes: string;
  readonly code: FailureCode;
}

/** A batch was cancelled: its entries that have written nothing write nothing any more. */
export interface BatchCancelled extends RequestEvent<'batch-cancelled'> {
  readonly batch: string;
  /** The identified caller; absent with function keys. */
  readonly by: string | undefined;
}

/** An attempt whose claim expired before its outcome was recorded; another attempt follows. */
export interface ClaimLost extends RequestEvent<'claim-lost'> {
  readonly user: string;
}

/** A host that served a user: at most once in five minutes from each instance. */
export interface PoolUsed extends EventBase<'pool-used'> {
  readonly host: string;
}

/** A host that this instance leaves alone after repeated failures, or uses again. */
export interface PoolChanged extends EventBase<'pool-paused' | 'pool-resumed'> {
  readonly host: string;
}

/** A message that names a batch and is not a bulk message: the batch lists it, and its sender is told. */
export interface MessageRejected extends RequestEvent<'message-rejected'> {
  readonly batch: string;
  readonly part?: number | undefined;
  readonly reasons: readonly string[];
}

/** A message that is not a bulk message, names no batch and was moved to the poison queue. */
export interface MessagePoisoned extends RequestEvent<'message-poisoned'> {
  readonly batch?: string | undefined;
  readonly reasons: readonly string[];
}

/** A message that is sent anew because tables did not answer for all of its deliveries. */
export interface MessageBegunAnew extends RequestEvent<'message-begun-anew'> {
  readonly batch: string;
  readonly part: number;
}

/** Entries refused because the name of their batch is already used for different content. */
export interface BatchExists extends RequestEvent<'batch-exists'> {
  readonly batch: string;
  readonly part: number;
  readonly entries: number;
}

/** What waits in the queues, every five minutes. */
export interface QueueWatched extends EventBase<'queue-watch'> {
  readonly waiting: number;
  readonly oldestId: string;
  readonly oldestSeconds: number;
  readonly poisoned: number;
}

/** How much the nightly purge removed. */
export interface ResultsPurged extends EventBase<'results-purged'> {
  readonly batches: number;
  readonly users: number;
}

/** A request over HTTP that storage kept from being served. */
export interface StorageUnavailable extends RequestEvent<'storage-unavailable'> {
  readonly detail: string;
}

/** The tenant's keys could not be fetched: callers whose key is not known yet are turned away until the next fetch. */
export interface TenantKeysUnavailable extends EventBase<'tenant-keys-unavailable'> {
  readonly detail: string;
}

/** A defect: an error that no code here expected. */
export interface UnexpectedError extends RequestEvent<'unexpected-error'> {
  readonly detail: string;
  readonly stack: string | undefined;
}

/** Everything that is logged, for operators and the queries of alerts. */
export type RingEvent =
  | RingFailed
  | RingChanged
  | BatchCancelled
  | UndoFailed
  | ClaimLost
  | PoolUsed
  | PoolChanged
  | MessageRejected
  | MessagePoisoned
  | MessageBegunAnew
  | BatchExists
  | QueueWatched
  | ResultsPurged
  | StorageUnavailable
  | TenantKeysUnavailable
  | UnexpectedError;

/** Returns the event of an error that no code expected. */
export function unexpectedError(error: unknown, correlationId: string): UnexpectedError {
  const isError = error instanceof Error;
  return {
    event: 'unexpected-error',
    level: 'error',
    correlationId,
    detail: isError ? `${error.name}: ${error.message}` : 'Not an Error was thrown.',
    stack: isError ? error.stack : undefined,
  };
}

/** Writes one event. */
export type Log = (event: RingEvent) => void;
