import type { SipUri } from '../../ucwa/uri.ts';
import { withSignIn } from '../attempt/sign-in-limit.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RequestOrder } from '../model/request-order.ts';
import { standingRequest } from '../ports/standing-request.ts';
import {
  finalOutcomeOf,
  isNewest,
  isOvertaken,
  mayHaveWritten,
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
  /** What its sender said of itself. */
  readonly source?: string | undefined;
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
function beginRequest(found: UserRecord, { order, desired, source }: RequestedChange): UserRecord {
  const { last: _last, ...record } = found;
  // The purge may have cleared what the request asks for.
  if (isNewest(found, order)) return { ...record, newest: { order, ...found.newest, desired } };
  const standing = standingRequest(found);
  const { unansweredToRestore, refusedVersion, signIns } = record;
  return {
    newest: { order, desired, ...(source === undefined ? {} : { source }) },
    ...(standing === undefined ? {} : { standing }),
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
    ...(signIns === undefined ? {} : { signIns }),
  };
}
