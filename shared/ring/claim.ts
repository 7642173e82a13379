import { isDeepStrictEqual } from 'node:util';
import type { SipUri } from '../ucwa/uri.ts';
import { compareOrder, type Order } from './order.ts';
import { isAsWished, isFinal, type Outcome } from './outcome.ts';
import type { UserRecord, Users } from './users.ts';
import type { Setting, Wish } from './wish.ts';

/** Work for one person that wants a claim. GET and dry runs claim too, without becoming the newest request. */
export interface ClaimRequest {
  readonly user: SipUri;
  readonly claimId: string;
  readonly nowMs: number;
  readonly lastsMs: number;
  /** What becomes the newest request; undefined for what only reads. */
  readonly change: { readonly order: Order; readonly wish: Wish } | undefined;
}

export interface Claim {
  readonly user: SipUri;
  readonly id: string;
  readonly untilMs: number;
  readonly record: UserRecord;
  readonly etag: string;
  /** An earlier attempt of the same request may have written: what is found now is not what was before. */
  readonly mayHaveWritten: boolean;
  readonly refusedVersion: string | undefined;
}

export type Claimed =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'busy'; readonly untilMs: number }
  | { readonly kind: 'superseded' }
  /** This very request ended before; only the ledger did not hear of it. */
  | { readonly kind: 'done'; readonly outcome: Outcome };

/**
 * Claims a person with one conditional write, before anyone signs in as that person.
 *
 * A write whose answer was lost is repeated by the storage client and then meets itself: a claim of our own id is ours.
 *
 *     read ──► newer request known? superseded ──► claim alive? busy ──► write If-Match ──► claimed
 *      ▲                                                                       │ 412: somebody else was first
 *      └───────────────────────────────────────────────────────────────────────┘
 */
export async function claimUser(users: Users, request: ClaimRequest): Promise<Claimed> {
  let before: UserRecord = {};
  for (;;) {
    const { record, etag } = await users.read(request.user);
    if (etag !== undefined && record.claim?.id === request.claimId) {
      return { kind: 'claimed', claim: claimOf(request, record, etag, before) };
    }
    const refusal = refuse(record, request);
    if (refusal !== undefined) return refusal;
    const next: UserRecord = {
      ...(request.change === undefined ? record : beginRequest(record, request.change)),
      claim: { id: request.claimId, untilMs: request.nowMs + request.lastsMs },
    };
    before = record;
    const written = await users.write(request.user, next, etag);
    if (written === 'conflict') continue;
    return { kind: 'claimed', claim: claimOf(request, next, written.etag, record) };
  }
}

/** What an attempt leaves behind when it ends. */
export interface ClaimResult {
  /** The outcome of a change; undefined for what only reads. */
  readonly change:
    | { readonly order: Order; readonly outcome: Outcome; readonly mayHaveWritten: boolean }
    | undefined;
  readonly before: Setting | undefined;
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
  users: Users,
  claim: Claim,
  result: ClaimResult,
): Promise<'recorded' | 'lost'> {
  const { claim: _released, takenAway, ...record } = claim.record;
  const { change, before, nowMs, holdUntilMs } = result;
  const refusedVersion = result.refusedVersion ?? record.refusedVersion;
  const isSetAgain = change !== undefined && isAsWished(change.outcome);
  const next: UserRecord = {
    ...record,
    ...(holdUntilMs === undefined ? {} : { claim: { id: claim.id, untilMs: holdUntilMs } }),
    ...(takenAway === undefined || isSetAgain ? {} : { takenAway }),
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
export async function recordTakenAway(
  users: Users,
  claim: Claim,
  takenAway: NonNullable<Setting['unanswered']>,
): Promise<Claim> {
  if (isDeepStrictEqual(claim.record.takenAway, takenAway)) return claim;
  const record = { ...claim.record, takenAway };
  const etag = await writeOnce(users, claim, record);
  if (etag === undefined) throw new ClaimLostError();
  return { ...claim, record, etag };
}

/**
 * Writes under a claim. Answers the new etag, or undefined where somebody else wrote: a write of ours whose answer was
 * lost is repeated by the storage client and then meets itself, which is no other.
 */
async function writeOnce(
  users: Users,
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
export function endedOutcome(record: UserRecord, order: Order): Outcome | undefined {
  if (!isSame(record, order)) return undefined;
  const { outcome } = record.last;
  return isFinal(outcome.outcome) ? outcome : undefined;
}

function refuse(record: UserRecord, { change, nowMs }: ClaimRequest): Claimed | undefined {
  if (change !== undefined && record.newest !== undefined) {
    const age = compareOrder(change.order, record.newest.order);
    if (age < 0) return { kind: 'superseded' };
    if (age === 0 && isSame(record, change.order) && isFinal(record.last.outcome.outcome)) {
      return { kind: 'done', outcome: record.last.outcome };
    }
  }
  return record.claim !== undefined && record.claim.untilMs > nowMs
    ? { kind: 'busy', untilMs: record.claim.untilMs }
    : undefined;
}

/** A newer request starts afresh; one that comes again keeps what its earlier attempts left. */
function beginRequest(record: UserRecord, change: { order: Order; wish: Wish }): UserRecord {
  const again = record.newest !== undefined && compareOrder(change.order, record.newest.order) === 0;
  if (again) return record;
  return {
    newest: change,
    ...(record.takenAway === undefined ? {} : { takenAway: record.takenAway }),
    ...(record.refusedVersion === undefined ? {} : { refusedVersion: record.refusedVersion }),
  };
}

function claimOf(request: ClaimRequest, record: UserRecord, etag: string, earlier: UserRecord): Claim {
  const { change, user, claimId } = request;
  const again =
    change !== undefined &&
    earlier.newest !== undefined &&
    compareOrder(change.order, earlier.newest.order) === 0;
  const mayHaveWritten =
    again && !(change !== undefined && isSame(earlier, change.order) && !earlier.last.mayHaveWritten);
  return {
    user,
    id: claimId,
    untilMs: record.claim?.untilMs ?? request.nowMs,
    record,
    etag,
    mayHaveWritten,
    refusedVersion: record.refusedVersion,
  };
}

function isSame(
  record: UserRecord,
  order: Order,
): record is UserRecord & { last: NonNullable<UserRecord['last']> } {
  return record.last !== undefined && compareOrder(record.last.order, order) === 0;
}
