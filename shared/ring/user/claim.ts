import { isDeepStrictEqual } from 'node:util';
import type { SipUri } from '../../ucwa/uri.ts';
import type { SignInHistory } from '../attempt/secret-in-use.ts';
import { withSignIn } from '../attempt/sign-in-limit.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import type { Outcome } from '../model/outcome.ts';
import type { RequestOrder } from '../model/request-order.ts';
import type { RingState } from '../model/ring-state.ts';
import {
  finalOutcomeOf,
  isNewest,
  isOvertaken,
  mayHaveWritten,
  type UnansweredToRestore,
  type UserRecord,
  type UserStore,
} from '../ports/user-store.ts';

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
}

export type ClaimedToRead =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'busy'; readonly untilMs: number };

/** A change that must not be started. */
type NotNeeded =
  | { readonly kind: 'superseded' }
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
  if (isOvertaken(record, order)) return { kind: 'superseded' };
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
 * Returns the record with which a request begins. A new request drops what belonged to the one before. A request that is
 * tried again keeps what its earlier attempts recorded, except `last`: without it, a crash leaves a request that counts as
 * one that may have written.
 */
function beginRequest({ last: _last, ...record }: UserRecord, change: RequestedChange): UserRecord {
  if (isNewest(record, change.order)) return record;
  const { unansweredToRestore, refusedVersion, signIns } = record;
  return {
    newest: { order: change.order, desired: change.desired },
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
    ...(signIns === undefined ? {} : { signIns }),
  };
}

/** How an attempt at a change ended. */
export interface ChangeResult {
  readonly order: RequestOrder;
  readonly outcome: Outcome;
  readonly mayHaveWritten: boolean;
  readonly before: RingState | undefined;
  /** The target for unanswered calls that is still to be set again. */
  readonly unansweredToRestore: UnansweredToRestore | undefined;
}

/** What an attempt records when it ends. */
export interface ClaimResult {
  /** The end of a change; undefined for reading and dry runs. */
  readonly change: ChangeResult | undefined;
  readonly signIns: SignInHistory;
  readonly nowMs: number;
  /** Keeps the claim until then, because a write of the attempt may still take effect. Undefined releases it now. */
  readonly holdUntilMs?: number | undefined;
}

/** Thrown where the claim expired and another worker took the user: nothing more may be written. */
export class ClaimLostError extends Error {
  constructor() {
    super('The claim expired, and another worker took the user.');
    this.name = 'ClaimLostError';
  }
}

interface ClaimOptions {
  readonly user: SipUri;
  readonly id: string;
  readonly untilMs: number;
  readonly mayHaveWritten: boolean;
}

/** The exclusive right to work for one user until `untilMs`. It owns the user's record while it lasts. */
export class Claim {
  readonly user: SipUri;
  readonly id: string;
  readonly untilMs: number;
  /** True where an earlier attempt of the same request may have written: the state found now is not the one before. */
  readonly mayHaveWritten: boolean;
  readonly #users: UserStore;
  #record: UserRecord;
  #etag: string;

  constructor(users: UserStore, options: ClaimOptions, stored: { record: UserRecord; etag: string }) {
    this.user = options.user;
    this.id = options.id;
    this.untilMs = options.untilMs;
    this.mayHaveWritten = options.mayHaveWritten;
    this.#users = users;
    this.#record = stored.record;
    this.#etag = stored.etag;
  }

  /** The user's record as this claim wrote it last. */
  get userRecord(): UserRecord {
    return this.#record;
  }

  /** Writes properties of the user's record. Throws {@link ClaimLostError} where the claim has expired. */
  async record(patch: UserRecord): Promise<void> {
    const next = { ...this.#record, ...patch };
    if (isDeepStrictEqual(next, this.#record)) return;
    if ((await this.#write(next)) === 'lost') throw new ClaimLostError();
  }

  /** Records how the attempt ended and releases the claim, in one write. Returns `lost` where the claim has expired. */
  async release(result: ClaimResult): Promise<'recorded' | 'lost'> {
    const { claim: _claim, signIns: _signIns, ...record } = this.#record;
    const { change, nowMs, holdUntilMs } = result;
    const { signIns, refusedVersion = record.refusedVersion } = result.signIns;
    return await this.#writeOrRemove({
      ...(change === undefined ? record : withChange(record, change, nowMs)),
      ...(holdUntilMs === undefined ? {} : { claim: { id: this.id, untilMs: holdUntilMs, ended: true } }),
      ...(refusedVersion === undefined ? {} : { refusedVersion }),
      ...(signIns === undefined ? {} : { signIns }),
    });
  }

  /** Reading a user without any request leaves no row behind. */
  async #writeOrRemove(record: UserRecord): Promise<'recorded' | 'lost'> {
    if (Object.keys(record).length > 0) return await this.#write(record);
    await this.#users.delete(this.user, this.#etag);
    return 'recorded';
  }

  /** After a conflict the row may hold this very record: the storage client repeats a write whose response was lost. */
  async #write(record: UserRecord): Promise<'recorded' | 'lost'> {
    const written = await this.#users.write(this.user, record, this.#etag);
    const etag = written === 'conflict' ? await this.#etagIfWritten(record) : written.etag;
    if (etag === undefined) return 'lost';
    this.#record = record;
    this.#etag = etag;
    return 'recorded';
  }

  async #etagIfWritten(record: UserRecord): Promise<string | undefined> {
    const stored = await this.#users.read(this.user);
    return isDeepStrictEqual(asStored(stored.record), asStored(record)) ? stored.etag : undefined;
  }
}

function withChange(
  { unansweredToRestore: _earlier, ...record }: UserRecord,
  { order, outcome, mayHaveWritten, before, unansweredToRestore }: ChangeResult,
  atMs: number,
): UserRecord {
  return {
    ...record,
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    last: { order, outcome, mayHaveWritten, atMs },
    ...(before === undefined ? {} : { before }),
  };
}

/** Storage keeps JSON: no undefined properties. */
function asStored(record: UserRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}
