import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing, RingState } from '../model/desired-ring.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RequestOrder } from '../model/request-order.ts';

/** What is known of a person, in one entity. */
export interface UserRecord {
  /** The newest request that was begun; after the retention only what orders it. */
  readonly newest?: { readonly order: RequestOrder; readonly desired?: DesiredRing };
  /** Who is at work as this person, until when. */
  readonly claim?: { readonly id: string; readonly untilMs: number };
  /** What was found before the newest request changed it: for people who want to have it back. */
  readonly before?: RingState;
  /**
   * A person's own target for unanswered calls that turning off took away, or is about to: it is there until it was set
   * again, by whichever request comes.
   */
  readonly unansweredToRestore?: NonNullable<RingState['unanswered']>;
  /** How the last attempt of the newest request ended, and whether any of them may have written; absent while one is at work. */
  readonly last?: {
    readonly order: RequestOrder;
    readonly outcome: Outcome;
    readonly mayHaveWritten: boolean;
    readonly atMs: number;
  };
  /** The version of the secret that UCWA refused. */
  readonly refusedVersion?: string;
}

export interface StoredUser {
  readonly record: UserRecord;
  /** Undefined where nothing is stored yet. */
  readonly etag: string | undefined;
}

/** What stays of a person after the retention: what orders requests, and the version that must not be sent. */
export function withoutResults({ newest, claim, refusedVersion }: UserRecord): UserRecord {
  return {
    ...(newest === undefined ? {} : { newest: { order: newest.order } }),
    ...(claim === undefined ? {} : { claim }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
  };
}

/** Where what is known of people is kept. Each method throws StorageUnavailableError where storage fails. */
export interface UserStore {
  read(user: SipUri): Promise<StoredUser>;
  /** Writes on the condition that nothing changed since `etag`. Answers the new etag, or `conflict`. */
  write(user: SipUri, record: UserRecord, etag: string | undefined): Promise<{ etag: string } | 'conflict'>;
}
