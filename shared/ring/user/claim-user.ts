import type { SipUri } from '../../ucwa/uri.ts';
import { withSignIn } from '../attempt/sign-in-limit.ts';
import type { DesiredRing, Schedule } from '../model/desired-ring.ts';
import type { Outcome } from '../model/outcome.ts';
import { compareOrder, isSameRequest, type RequestOrder } from '../model/request-order.ts';
import { standingRequest } from '../ports/standing-request.ts';
import {
  finalOutcomeOf,
  isNewest,
  isOvertaken,
  mayHaveWritten,
  type StandingRequest,
  type UserRecord,
  type UserStore,
} from '../ports/user-store.ts';
import { Claim } from './claim.ts';

export interface ClaimRequest {
  readonly user: SipUri;
  readonly claimId: string;
  readonly nowMs: number;
  readonly durationMs: number;
}

/** A desired ring, and the order of the request for it. */
export interface RequestedChange {
  readonly order: RequestOrder;
  readonly desired: DesiredRing;
  readonly schedule?: Schedule | undefined;
  /** What its sender said of itself. */
  readonly source?: string | undefined;
  /** The identified caller who requested it. */
  readonly by?: string | undefined;
}

/** The request for an undo, and the request whose setting it is to end. */
export interface RequestedUndo {
  readonly order: RequestOrder;
  readonly undoes: RequestOrder;
  readonly source?: string | undefined;
  readonly by?: string | undefined;
}

export type ClaimedToRead =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'busy'; readonly untilMs: number };

/** A change that must not be started. */
type NotNeeded =
  | { readonly kind: 'superseded'; readonly newest: RequestOrder | undefined }
  /** This request ended before, and only the ledger does not know. */
  | { readonly kind: 'done'; readonly outcome: Outcome };

export type ClaimedToChange = ClaimedToRead | NotNeeded;

/** Claims a user for a change, which becomes the newest request. */
export function claimToChange(
  users: UserStore,
  request: ClaimRequest,
  change: RequestedChange,
): Promise<ClaimedToChange> {
  return claimUser(users, request, {
    refuse: (record) => refuseChange(record, change.order),
    begin: (record) => beginRequest(record, change),
    mayHaveWritten: (earlier) => mayHaveWritten(earlier, change.order),
  });
}

/**
 * Claims a user for an undo. It is superseded where a newer setting stands than the one that it is to end. Where none stands
 * that it could end, it is claimed all the same: recorded, it keeps a late attempt at that request from being begun.
 */
export function claimToUndo(
  users: UserStore,
  request: ClaimRequest,
  undo: RequestedUndo,
): Promise<ClaimedToChange> {
  return claimUser(users, request, {
    refuse: (record) => refuseUndo(record, undo),
    begin: (record) => beginUndo(record, undo),
    mayHaveWritten: (earlier) => mayHaveWritten(earlier, undo.order),
  });
}

/** Returns the request that an undo is to end, with what that goes back to; undefined where its setting does not stand. */
export function undoneBy(
  record: UserRecord,
  { undoes }: Pick<RequestedUndo, 'undoes'>,
): StandingRequest | undefined {
  const standing = standingRequest(record);
  return standing !== undefined && isSameRequest(standing.order, undoes) ? standing : undefined;
}

/** Claims a user for reading or a dry run; the newest request stays as it is. */
export function claimToRead(users: UserStore, request: ClaimRequest): Promise<ClaimedToRead> {
  return claimUser<never>(users, request, {
    refuse: () => undefined,
    begin: (record) => record,
    mayHaveWritten: () => false,
  });
}

/** How a claim changes the record that it finds. */
interface Purpose<Refusal> {
  refuse(record: UserRecord): Refusal | undefined;
  begin(record: UserRecord): UserRecord;
  mayHaveWritten(earlier: UserRecord): boolean;
}

/**
 * Claims a user with one conditional write, before anything is sent to UCWA. After a conflict the row is read again. It may
 * then hold this very claim: the storage client repeats a write whose response was lost, and the repetition conflicts.
 *
 *     read ──► newer request known? superseded ──► live claim? busy ──► write If-Match ──► claimed
 *      ▲                                                                      │ 412: another worker was first
 *      └──────────────────────────────────────────────────────────────────────┘
 */
async function claimUser<Refusal>(
  users: UserStore,
  request: ClaimRequest,
  purpose: Purpose<Refusal>,
): Promise<ClaimedToRead | Refusal> {
  const { user, claimId, nowMs, durationMs } = request;
  const claimed = (record: UserRecord, etag: string, earlier: UserRecord): ClaimedToRead => {
    const untilMs = record.claim?.untilMs ?? nowMs;
    const options = { user, id: claimId, untilMs, mayHaveWritten: purpose.mayHaveWritten(earlier) };
    return { kind: 'claimed', claim: new Claim(users, options, { record, etag }) };
  };
  let earlier: UserRecord = {};
  for (;;) {
    const { record, etag } = await users.read(user);
    if (etag !== undefined && record.claim?.id === claimId) return claimed(record, etag, earlier);
    const refusal = purpose.refuse(record) ?? refuseBusy(record, nowMs);
    if (refusal !== undefined) return refusal;
    earlier = record;
    const claim = { id: claimId, untilMs: nowMs + durationMs };
    const next = { ...purpose.begin(withExpiredClaim(record)), claim };
    const written = await users.write(user, next, etag);
    if (written !== 'conflict') return claimed(next, written.etag, earlier);
  }
}

function refuseChange(record: UserRecord, order: RequestOrder): NotNeeded | undefined {
  if (isOvertaken(record, order)) return { kind: 'superseded', newest: record.newest?.order };
  const outcome = finalOutcomeOf(record, order);
  return outcome === undefined ? undefined : { kind: 'done', outcome };
}

/** Returns why an undo must not be started: it has ended before, or a newer setting stands. */
export function refuseUndo(record: UserRecord, { order, undoes }: RequestedUndo): NotNeeded | undefined {
  const outcome = finalOutcomeOf(record, order);
  if (outcome !== undefined) return { kind: 'done', outcome };
  const standing = standingRequest(record);
  const isNewer = standing !== undefined && compareOrder(standing.order, undoes) > 0;
  if (isNewest(record, order) || !isNewer) return undefined;
  return { kind: 'superseded', newest: standing.order };
}

/** A newer request that has ended keeps overtaking what is older than it; one that still waits is not to be lost. */
function beginUndo(found: UserRecord, { order, undoes, source, by }: RequestedUndo): UserRecord {
  const { last: _last, before: _before, ...record } = found;
  if (isNewest(found, order)) return record;
  const { newest } = found;
  const barrier =
    newest === undefined || !isOver(found) ? undefined : (newest.undo?.overtakes ?? newest.order);
  const { batch, part, entry } = undoes;
  const overtakes = barrier !== undefined && compareOrder(barrier, undoes) > 0 ? barrier : undoes;
  return {
    newest: {
      order,
      undo: { of: { batch, part, entry }, overtakes },
      ...(source === undefined ? {} : { source }),
      ...(by === undefined ? {} : { by }),
    },
    ...keptBy(found),
  };
}

/** True where the newest request has a recorded, final end, or the purge cleared it. */
function isOver(record: UserRecord): boolean {
  const { newest } = record;
  if (newest === undefined || (newest.desired === undefined && newest.undo === undefined)) return true;
  return finalOutcomeOf(record, newest.order) !== undefined;
}

function refuseBusy({ claim }: UserRecord, nowMs: number): ClaimedToRead | undefined {
  return claim !== undefined && claim.untilMs > nowMs ? { kind: 'busy', untilMs: claim.untilMs } : undefined;
}

/**
 * A claim that expired instead of being released counts as a sign-in without a verdict: its worker may have sent the
 * password and could not record what came of it.
 */
function withExpiredClaim(record: UserRecord): UserRecord {
  const { claim } = record;
  if (claim === undefined || claim.ended === true) return record;
  return { ...record, signIns: withSignIn(record.signIns, claim.untilMs) };
}

/**
 * Returns the record with which a request begins. A new request drops what belonged to the one before, and keeps what stands.
 * A request that is tried again keeps what its earlier attempts recorded, except `last`: without it, a crash leaves a
 * request that counts as one that may have written.
 */
function beginRequest(
  found: UserRecord,
  { order, desired, schedule, source, by }: RequestedChange,
): UserRecord {
  const { last: _last, ...record } = found;
  // The purge may have cleared what the request asks for.
  if (isNewest(found, order)) return { ...record, newest: { order, ...found.newest, desired } };
  const until = schedule?.until;
  return {
    newest: {
      order,
      desired,
      ...(source === undefined ? {} : { source }),
      ...(by === undefined ? {} : { by }),
      ...(until === undefined ? {} : { until }),
    },
    ...keptBy(found),
  };
}

/** What stands, and what protects the account and the user's settings, is kept whatever request is begun. */
function keptBy(found: UserRecord): UserRecord {
  const standing = standingRequest(found);
  const { unansweredToRestore, refusedVersion, signIns } = found;
  return {
    ...(standing === undefined ? {} : { standing }),
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
    ...(signIns === undefined ? {} : { signIns }),
  };
}
