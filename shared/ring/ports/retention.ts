import { isClaimed, standingRequest } from './standing-request.ts';
import type { StandingRequest, UserRecord } from './user-store.ts';

/**
 * Returns what the purge leaves of a record. Undefined while the user is claimed, so that the row is left as it is: the
 * attempt owns it, and could not record its end after another write.
 */
export function purgedRecord(record: UserRecord, nowMs: number): UserRecord | undefined {
  return isClaimed(record, nowMs) ? undefined : withoutResults(record);
}

/**
 * Returns what is kept of a record after the retention: the order of requests, what stands, and what protects the account
 * and the user's settings. What stands is judged now, while the results that tell it are still there.
 */
function withoutResults(record: UserRecord): UserRecord {
  const { newest, claim, unansweredToRestore, refusedVersion, signIns } = record;
  const standing = standingRequest(record);
  return {
    // An undo is not begun again after so long: what it overtakes is what is left to tell of it.
    ...(newest === undefined ? {} : { newest: { order: newest.undo?.overtakes ?? newest.order } }),
    ...(standing === undefined ? {} : { standing: withoutBefore(standing) }),
    ...(claim === undefined ? {} : { claim }),
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
    ...(signIns === undefined ? {} : { signIns }),
  };
}

/** What an undo goes back to is kept while that undo is pending. */
function withoutBefore({ before, ...standing }: StandingRequest): StandingRequest {
  const isPending = standing.until !== undefined && before !== undefined;
  return isPending ? { ...standing, before } : standing;
}
