import { type UserRecord, withoutResults } from './user-store.ts';

/**
 * Returns what the purge leaves of a record. Undefined while the user is claimed, so that the row is left as it is: the
 * attempt owns it, and could not record its end after another write.
 */
export function purgedRecord(record: UserRecord, nowMs: number): UserRecord | undefined {
  const isClaimed = record.claim !== undefined && record.claim.untilMs > nowMs;
  return isClaimed ? undefined : withoutResults(record);
}
