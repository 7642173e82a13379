import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { isFinal, type Outcome, type OutcomeName, withEnd } from '../model/outcome.ts';
import {
  compareOrder,
  isSameRequest,
  type RequestIdentity,
  type RequestOrder,
} from '../model/request-order.ts';
import type { FoundState } from '../model/ring-state.ts';

/** A request that was started for a user. */
export interface StartedRequest {
  readonly order: RequestOrder;
  /**
   * Absent after the retention, where only a newer version knows its kind, and in an undo until it has ended: then it is the
   * ring that was put back.
   */
  readonly desired?: DesiredRing;
  /** What its sender said of itself. */
  readonly source?: string;
  /** The identified caller who requested it. */
  readonly by?: string;
  /** When its setting ends, in ISO 8601: an undo is pending until then. */
  readonly until?: string;
  readonly undo?: StartedUndo;
}

/** What an undo was started for. */
interface StartedUndo {
  /** The request whose setting it is to end. */
  readonly of: RequestIdentity;
  /** This request and all older ones are overtaken by it. Newer ones, though late, are not. */
  readonly overtakes: RequestOrder;
}

/** The request whose setting stands: the last one that succeeded, or may have written. */
export interface StandingRequest extends StartedRequest {
  /** When reading back showed its setting; absent where nothing proved it. */
  readonly provedAtMs?: number;
  /** How the server showed its contact, where that is not the target itself: whether it is still the same. */
  readonly shownAs?: string;
  /** What an undo of it goes back to; absent where nothing recorded it, and after the retention unless an undo is pending. */
  readonly before?: FoundState;
}

/** What is remembered of one user, in one row. */
export interface UserRecord {
  /** The newest request that was started. After the retention only its order is kept. */
  readonly newest?: StartedRequest;
  /**
   * The request whose setting stood when the last attempt ended. Read it by `standingRequest`, which also judges a newest
   * request without a recorded end, and rows of 0.1.
   */
  readonly standing?: StandingRequest;
  readonly claim?: StoredClaim;
  /**
   * What an undo of the newest request goes back to, while that request is not the one whose setting stands; in an undo, what
   * it puts back. A temporary request and an undo record it before their first write.
   */
  readonly before?: FoundState;
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

/** Which users are wanted: those that have all that is given. */
export interface UserFilter {
  /** The ring that stands. */
  readonly ring?: DesiredRing['ring'] | undefined;
  /** The recorded outcome of the newest request. */
  readonly outcome?: OutcomeName | undefined;
  /** How the address begins, in lower case, without `sip:`. */
  readonly user?: string | undefined;
}

export interface ListedUser {
  readonly user: SipUri;
  readonly record: UserRecord;
  /** Present where what is stored cannot be read: `record` is then empty. */
  readonly isUnreadable?: true;
}

export interface UserPage {
  readonly users: readonly ListedUser[];
  readonly continuation?: string;
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
  /**
   * Returns a page of the users with a request, sorted by `encodeAddress`. A page may be empty and have a continuation. Throws
   * ContinuationUnknownError.
   */
  list(options: UserFilter & { readonly continuation?: string; readonly limit: number }): Promise<UserPage>;
}

/** Returns the final outcome of a request where the record has it. It is authoritative, whatever the ledger says. */
export function finalOutcomeOf(record: UserRecord, order: RequestOrder): Outcome | undefined {
  const last = lastAttemptOf(record, order);
  return last !== undefined && isFinal(last.outcome.outcome) ? withEnd(last.outcome, last.atMs) : undefined;
}

/**
 * True where a newer request of this user is known. An undo counts as old as what it undid: it puts back what that request
 * replaced, and a request that came after that one is not to be lost to it.
 */
export function isOvertaken({ newest }: UserRecord, order: RequestOrder): boolean {
  if (newest === undefined) return false;
  if (newest.undo !== undefined) return compareOrder(order, newest.undo.overtakes) <= 0;
  return compareOrder(order, newest.order) < 0;
}

/** True where this request is the newest that was started for the user. */
export function isNewest({ newest }: UserRecord, order: RequestOrder): boolean {
  return newest !== undefined && isSameRequest(newest.order, order);
}

/**
 * True where a request was started, unless its last attempt recorded that it wrote nothing, or it is one that records what
 * was set before its first write and has not.
 */
export function mayHaveWritten(record: UserRecord, order: RequestOrder): boolean {
  const { newest, standing } = record;
  if (newest === undefined || !isNewest(record, order)) return false;
  const last = lastAttemptOf(record, order);
  if (last !== undefined) return last.mayHaveWritten;
  const recordsBefore = newest.until !== undefined || newest.undo !== undefined;
  return (
    !recordsBefore ||
    record.before !== undefined ||
    (standing !== undefined && isSameRequest(standing.order, order))
  );
}

/** Returns how the last attempt of a request ended; undefined where the record does not have it. */
export function lastAttemptOf({ last }: UserRecord, order: RequestOrder): LastAttempt | undefined {
  return last !== undefined && isSameRequest(last.order, order) ? last : undefined;
}
