import { isDeepStrictEqual } from 'node:util';
import type { SipUri } from '../../ucwa/uri.ts';
import type { DesiredRing, RingState } from '../model/desired-ring.ts';
import { isFinal, isSuccess, type Outcome } from '../model/outcome.ts';
import { compareOrder, type RequestOrder } from '../model/request-order.ts';
import type { UserRecord, UserStore } from '../ports/user-store.ts';

/** Work for one person that wants a claim. */
export interface ClaimRequest {
  readonly user: SipUri;
  readonly claimId: string;
  readonly nowMs: number;
  readonly lastsMs: number;
}

/** What is asked for, and what orders it among all that is asked for one person. */
export interface RequestedChange {
  readonly order: RequestOrder;
  readonly desired: DesiredRing;
}

export interface Claim {
  readonly user: SipUri;
  readonly id: string;
  readonly untilMs: number;
  readonly record: UserRecord;
  readonly etag: string;
  /** An earlier attempt of the same request may have written: what is found now is not what was before. */
  readonly mayHaveWritten: boolean;
}

export type ClaimedToRead =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'busy'; readonly untilMs: number };

/** Why a change is not to be begun. */
type NotNeeded =
  | { readonly kind: 'superseded' }
  /** This very request ended before; only the ledger did not hear of it. */
  | { readonly kind: 'done'; readonly outcome: Outcome };

export type ClaimedToChange = ClaimedToRead | NotNeeded;

/** Claims a person for a change, which becomes the newest request. */
export function claimToChange(
  users: UserStore,
  request: ClaimRequest,
  change: RequestedChange,
): Promise<ClaimedToChange> {
  return claim(users, request, {
    refuse: (record) => refuseChange(record, change.order),
    begin: (record) => beginRequest(record, change),
    mayHaveWritten: (earlier) => mayHaveWritten(earlier, change.order),
  });
}

/** Claims a person for what only reads, a dry run too: what is known of the newest request stays as it is. */
export function claimToRead(users: UserStore, request: ClaimRequest): Promise<ClaimedToRead> {
  return claim<never>(users, request, {
    refuse: () => undefined,
    begin: (record) => record,
    mayHaveWritten: () => false,
  });
}

/** What a claim is for, by what it makes of the record that it finds. */
interface Purpose<Refusal> {
  refuse(record: UserRecord): Refusal | undefined;
  begin(record: UserRecord): UserRecord;
  mayHaveWritten(earlier: UserRecord): boolean;
}

/**
 * Claims a person with one conditional write, before anyone signs in as that person.
 *
 * A write whose answer was lost is repeated by the storage client and then meets itself: a claim of our own id is ours.
 *
 *     read ──► newer request known? superseded ──► claim alive? busy ──► write If-Match ──► claimed
 *      ▲                                                                       │ 412: somebody else was first
 *      └───────────────────────────────────────────────────────────────────────┘
 */
async function claim<Refusal>(
  users: UserStore,
  request: ClaimRequest,
  purpose: Purpose<Refusal>,
): Promise<ClaimedToRead | Refusal> {
  const { user, claimId, nowMs, lastsMs } = request;
  const claimed = (record: UserRecord, etag: string, earlier: UserRecord): ClaimedToRead => {
    const untilMs = record.claim?.untilMs ?? nowMs;
    const mayHaveWritten = purpose.mayHaveWritten(earlier);
    return { kind: 'claimed', claim: { user, id: claimId, untilMs, record, etag, mayHaveWritten } };
  };
  let earlier: UserRecord = {};
  for (;;) {
    const { record, etag } = await users.read(user);
    if (etag !== undefined && record.claim?.id === claimId) return claimed(record, etag, earlier);
    const refusal = purpose.refuse(record) ?? refuseBusy(record, nowMs);
    if (refusal !== undefined) return refusal;
    earlier = record;
    const next = { ...purpose.begin(record), claim: { id: claimId, untilMs: nowMs + lastsMs } };
    const written = await users.write(user, next, etag);
    if (written !== 'conflict') return claimed(next, written.etag, earlier);
  }
}

/** What an attempt leaves behind when it ends. */
export interface ClaimResult {
  /** The outcome of a change; undefined for what only reads. */
  readonly change:
    | { readonly order: RequestOrder; readonly outcome: Outcome; readonly mayHaveWritten: boolean }
    | undefined;
  readonly before: RingState | undefined;
  /** A version that UCWA refused just now. */
  readonly refusedVersion: string | undefined;
  readonly nowMs: number;
  /**
   * Keeps the claim until then: a write of this attempt may still take effect, and nobody else may write before it
   * did. Without it the claim is released.
   */
  readonly holdUntilMs?: number | undefined;
}

/** Records how an attempt ended and releases the claim, in one write. Answers `lost` where the claim had run out. */
export async function releaseClaim(
  users: UserStore,
  claim: Claim,
  result: ClaimResult,
): Promise<'recorded' | 'lost'> {
  const { claim: _released, unansweredToRestore, ...record } = claim.record;
  const { change, before, nowMs, holdUntilMs } = result;
  const refusedVersion = result.refusedVersion ?? record.refusedVersion;
  const isSetAgain = change !== undefined && isSuccess(change.outcome);
  const next: UserRecord = {
    ...record,
    ...(holdUntilMs === undefined ? {} : { claim: { id: claim.id, untilMs: holdUntilMs } }),
    ...(unansweredToRestore === undefined || isSetAgain ? {} : { unansweredToRestore }),
    ...(change === undefined ? {} : { last: { ...change, atMs: nowMs } }),
    ...(change === undefined || before === undefined ? {} : { before }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
  };
  return (await writeOnce(users, claim, next)) === undefined ? 'lost' : 'recorded';
}

/** Somebody else has the person: the claim had run out, and its holder may write nothing more. */
export class ClaimLostError extends Error {
  constructor() {
    super('The claim ran out.');
    this.name = 'ClaimLostError';
  }
}

/**
 * Records what is about to be taken from a person and must be set again, so that a crash in between loses nothing.
 * Answers with the claim as it is from then on. Throws {@link ClaimLostError} where it had run out.
 */
export async function recordUnansweredToRestore(
  users: UserStore,
  claim: Claim,
  unansweredToRestore: NonNullable<RingState['unanswered']>,
): Promise<Claim> {
  if (isDeepStrictEqual(claim.record.unansweredToRestore, unansweredToRestore)) return claim;
  const record = { ...claim.record, unansweredToRestore };
  const etag = await writeOnce(users, claim, record);
  if (etag === undefined) throw new ClaimLostError();
  return { ...claim, record, etag };
}

/**
 * Writes under a claim. Answers the new etag, or undefined where somebody else wrote: a write of ours whose answer was
 * lost is repeated by the storage client and then meets itself, which is no other.
 */
async function writeOnce(
  users: UserStore,
  { user, etag }: Claim,
  record: UserRecord,
): Promise<string | undefined> {
  const written = await users.write(user, record, etag);
  if (written !== 'conflict') return written.etag;
  const stored = await users.read(user);
  return isDeepStrictEqual(asStored(stored.record), asStored(record)) ? stored.etag : undefined;
}

/** Storage keeps JSON: no properties that are undefined, and none in an order of its own. */
function asStored(record: UserRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}

/** How a request ended, where the user's record has it: the truth, whatever the ledger says. */
export function endedOutcome(record: UserRecord, order: RequestOrder): Outcome | undefined {
  return isLast(record, order) && isFinal(record.last.outcome.outcome) ? record.last.outcome : undefined;
}

/** Tells whether a newer request of this person is known. */
export function isOvertaken({ newest }: UserRecord, order: RequestOrder): boolean {
  return newest !== undefined && compareOrder(order, newest.order) < 0;
}

function refuseChange(record: UserRecord, order: RequestOrder): NotNeeded | undefined {
  if (isOvertaken(record, order)) return { kind: 'superseded' };
  const outcome = endedOutcome(record, order);
  return outcome === undefined ? undefined : { kind: 'done', outcome };
}

function refuseBusy({ claim: theirs }: UserRecord, nowMs: number): ClaimedToRead | undefined {
  return theirs !== undefined && theirs.untilMs > nowMs
    ? { kind: 'busy', untilMs: theirs.untilMs }
    : undefined;
}

/**
 * A newer request starts afresh; one that comes again keeps what its earlier attempts left, but for how the last of them
 * ended: while nobody tells how this one did, it may have written.
 */
function beginRequest({ last: _last, ...record }: UserRecord, change: RequestedChange): UserRecord {
  if (isNewest(record, change.order)) return record;
  const { unansweredToRestore, refusedVersion } = record;
  return {
    newest: change,
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
  };
}

/** Tells whether a request may have written: it was begun, and its last attempt did not end by telling that none had. */
export function mayHaveWritten(earlier: UserRecord, order: RequestOrder): boolean {
  if (!isNewest(earlier, order)) return false;
  return !isLast(earlier, order) || earlier.last.mayHaveWritten;
}

function isNewest({ newest }: UserRecord, order: RequestOrder): boolean {
  return newest !== undefined && compareOrder(newest.order, order) === 0;
}

/** Tells whether the last outcome is that of this request. */
function isLast(
  record: UserRecord,
  order: RequestOrder,
): record is UserRecord & { last: NonNullable<UserRecord['last']> } {
  return record.last !== undefined && compareOrder(record.last.order, order) === 0;
}
