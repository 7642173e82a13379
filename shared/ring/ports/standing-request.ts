import { isDeepStrictEqual } from 'node:util';
import { isFinal, isSuccess, type Outcome } from '../model/outcome.ts';
import { isSameRequest } from '../model/request-order.ts';
import {
  isNewest,
  type LastAttempt,
  type ListedUser,
  lastAttemptOf,
  mayHaveWritten,
  type StandingRequest,
  type StartedRequest,
  type UserFilter,
  type UserRecord,
} from './user-store.ts';

/**
 * Returns the request whose setting stands; undefined where none is known. The first row that matches decides:
 *
 *     the newest request               | what stands
 *     ---------------------------------|------------------------------------------------
 *     none, or cleared by the purge    | what was recorded
 *     an undo that has not ended       | what was recorded: it is what the undo goes on with
 *     an undo of another request       | what was recorded
 *     its end is not recorded          | it, if it may have written (a crash, or at work now)
 *     found the setting that stood     | what was recorded: it changed nothing, and takes no way back
 *     succeeded                        | it, proved where reading back showed it
 *     may have written                 | it, without proof
 *     ended, or waits, without a write | what was recorded
 */
export function standingRequest(record: UserRecord): StandingRequest | undefined {
  const { newest, standing } = record;
  if (newest === undefined || isCleared(newest)) return standing;
  const recorded = standing !== undefined && isNewest(record, standing.order) ? standing : undefined;
  const last = lastAttemptOf(record, newest.order);
  if (newest.undo !== undefined && !hasEndedSetting(newest.undo, standing, last)) return standing;
  const before = newest.undo === undefined ? (record.before ?? recorded?.before) : undefined;
  const { shownAs } = recorded ?? {};
  const stands = {
    ...newest,
    ...(shownAs === undefined ? {} : { shownAs }),
    ...(before === undefined ? {} : { before }),
  };
  if (last === undefined) return mayHaveWritten(record, newest.order) ? (recorded ?? stands) : standing;
  if (!isSuccess(last.outcome) && !last.mayHaveWritten) return standing;
  const kept = standing !== undefined && foundSetting(newest, last, standing) ? standing : stands;
  return isProved(last.outcome) ? { ...kept, provedAtMs: last.atMs } : kept;
}

/** True where the newest request found what stood, and asked for nothing else: neither another ring nor another end. */
function foundSetting(newest: StartedRequest, last: LastAttempt, standing: StandingRequest): boolean {
  return (
    newest.undo === undefined &&
    last.outcome.outcome === 'unchanged' &&
    !last.mayHaveWritten &&
    newest.until === undefined &&
    standing.until === undefined &&
    isDeepStrictEqual(newest.desired, standing.desired)
  );
}

/** True where an undo has ended whose setting stood: nothing else may be taken for ended by it. */
function hasEndedSetting(
  { of }: NonNullable<StartedRequest['undo']>,
  standing: StandingRequest | undefined,
  last: LastAttempt | undefined,
): boolean {
  const isOpen = last === undefined || !isFinal(last.outcome.outcome);
  return !isOpen && standing !== undefined && isSameRequest(standing.order, of);
}

/** The purge clears what a request asked for. */
function isCleared({ desired, undo }: StartedRequest): boolean {
  return desired === undefined && undo === undefined;
}

function isProved(outcome: Outcome): boolean {
  return 'verified' in outcome && outcome.verified;
}

/**
 * True where nothing tries the newest request any more. One that waits, or whose attempt crashed, is given up at the latest
 * `giveUpAfterMs` after the last sign of it; only the ledger then knows its end.
 */
export function hasEnded(record: UserRecord, nowMs: number, giveUpAfterMs: number): boolean {
  const { newest, claim } = record;
  if (newest === undefined || isCleared(newest)) return true;
  const last = lastAttemptOf(record, newest.order);
  if (last !== undefined && isFinal(last.outcome.outcome)) return true;
  const lastSignMs = last?.atMs ?? claim?.untilMs ?? newest.order.effectiveAtMs;
  return nowMs >= lastSignMs + giveUpAfterMs && !isClaimed(record, nowMs);
}

/** True while an attempt holds the user. */
export function isClaimed({ claim }: UserRecord, nowMs: number): boolean {
  return claim !== undefined && claim.untilMs > nowMs;
}

/** True for a user with a request who has the ring and outcome that are wanted. Who has what cannot be read has neither. */
export function isWanted({ record, isUnreadable }: ListedUser, { ring, outcome }: UserFilter): boolean {
  if (isUnreadable === true) return ring === undefined && outcome === undefined;
  if (record.newest === undefined) return false;
  if (outcome !== undefined && record.last?.outcome.outcome !== outcome) return false;
  return ring === undefined || standingRequest(record)?.desired?.ring === ring;
}
