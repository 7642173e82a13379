import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { isFinal, type Outcome, withEnd } from '../model/outcome.ts';
import { compareOrder, type RequestOrder } from '../model/request-order.ts';
import type { RingState } from '../model/ring-state.ts';

/** What is remembered of one user, in one row. */
export interface UserRecord {
  /** The newest request that was started. After the retention only its order is kept. */
  readonly newest?: { readonly order: RequestOrder; readonly desired?: DesiredRing };
  readonly claim?: StoredClaim;
  /** The state found before the newest request changed it. */
  readonly before?: RingState;
  /** Recorded before turning off removes the target; dropped once it is set again or was found not to be lost. */
  readonly unansweredToRestore?: UnansweredToRestore;
  /** How the last attempt of the newest request ended; absent while one is at work. */
  readonly last?: LastAttempt;
  /** The version of the secret that UCWA refused. */
  readonly refusedVersion?: string;
  /** Sign-ins without a verdict since the last verdict; absent where there were none. */
  readonly signIns?: UnjudgedSignIns;
}

/** A claim that is held until it is released or expires. */
interface StoredClaim {
  readonly id: string;
  readonly untilMs: number;
  /** Its attempt has ended and was recorded; it is held on only because a write may still take effect. */
  readonly ended?: true;
}

/** The user's own target for unanswered calls, which a turning off removed or is about to remove. */
export interface UnansweredToRestore {
  /** As the server wrote it: this text is what is set again. */
  readonly target: string;
  readonly ringDelaySeconds?: number;
}

/** Passwords that were sent and whose fate is unknown: each may have counted as a failed sign-in. */
export interface UnjudgedSignIns {
  /** The version of the secret that was sent; absent where only expired claims are known. */
  readonly version?: string;
  /** Where the last one was sent; absent where only expired claims are known. */
  readonly host?: string;
  /** When each was sent, in ascending order; the last few only. */
  readonly sentAtMs: readonly number[];
}

export interface LastAttempt {
  readonly order: RequestOrder;
  readonly outcome: Outcome;
  /** True where this or an earlier attempt of the request may have written to UCWA. */
  readonly mayHaveWritten: boolean;
  readonly atMs: number;
}

export interface StoredUser {
  readonly record: UserRecord;
  /** Undefined where nothing is stored yet. */
  readonly etag: string | undefined;
}

/**
 * Where user records are kept. Each method throws StorageUnavailableError where storage fails, and StorageRefusedError
 * where it refuses what is to be written.
 */
export interface UserStore {
  read(user: SipUri): Promise<StoredUser>;
  /** Writes if the row still has this etag. Returns the new etag, or `conflict` and writes nothing. */
  write(user: SipUri, record: UserRecord, etag: string | undefined): Promise<{ etag: string } | 'conflict'>;
  /** Removes the row if it still has this etag; otherwise leaves it. */
  delete(user: SipUri, etag: string): Promise<void>;
}

/**
 * Returns what is kept of a record after the retention: the order of requests, a live claim, and what protects the account
 * and the user's settings.
 */
export function withoutResults(record: UserRecord): UserRecord {
  const { newest, claim, unansweredToRestore, refusedVersion, signIns } = record;
  return {
    ...(newest === undefined ? {} : { newest: { order: newest.order } }),
    ...(claim === undefined ? {} : { claim }),
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
    ...(signIns === undefined ? {} : { signIns }),
  };
}

/** Returns the final outcome of a request where the record has it. It is authoritative, whatever the ledger says. */
export function finalOutcomeOf(record: UserRecord, order: RequestOrder): Outcome | undefined {
  const last = lastAttemptOf(record, order);
  return last !== undefined && isFinal(last.outcome.outcome) ? withEnd(last.outcome, last.atMs) : undefined;
}

/** True where a newer request of this user is known. */
export function isOvertaken({ newest }: UserRecord, order: RequestOrder): boolean {
  return newest !== undefined && compareOrder(order, newest.order) < 0;
}

/** True where this request is the newest that was started for the user. */
export function isNewest({ newest }: UserRecord, order: RequestOrder): boolean {
  return newest !== undefined && compareOrder(newest.order, order) === 0;
}

/** True where a request was started, unless its last attempt recorded that it wrote nothing. */
export function mayHaveWritten(record: UserRecord, order: RequestOrder): boolean {
  if (!isNewest(record, order)) return false;
  return lastAttemptOf(record, order)?.mayHaveWritten ?? true;
}

function lastAttemptOf({ last }: UserRecord, order: RequestOrder): LastAttempt | undefined {
  return last !== undefined && compareOrder(last.order, order) === 0 ? last : undefined;
}
