import { isDeepStrictEqual } from 'node:util';
import type { SipUri } from '../../ucwa/uri.ts';
import type { SignInHistory } from '../attempt/secret-in-use.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { isFinal, type Outcome } from '../model/outcome.ts';
import { isSameRequest, type RequestOrder } from '../model/request-order.ts';
import type { FoundState } from '../model/ring-state.ts';
import { boundedFound, boundedOutcome, cutText, minimalOutcome } from '../model/stored-text.ts';
import { standingRequest } from '../ports/standing-request.ts';
import { StorageRefusedError } from '../ports/storage-error.ts';
import type { StandingRequest, UnansweredToRestore, UserRecord, UserStore } from '../ports/user-store.ts';

/** How an attempt at a change ended. */
export interface ChangeResult {
  readonly order: RequestOrder;
  readonly outcome: Outcome;
  readonly mayHaveWritten: boolean;
  /** The ring that an undo put back; absent where it put none back, or nobody can say which. */
  readonly restored?: DesiredRing | undefined;
  /** What an undo of the request goes back to; undefined where nothing recorded it. */
  readonly before: FoundState | undefined;
  /** How the server shows the contact that was set, where that is not the target itself. */
  readonly shownAs: string | undefined;
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

  /**
   * Records how the attempt ended and releases the claim, in one write. Returns `lost` where the claim has expired. Where
   * storage refuses the record, a minimal one is written before StorageRefusedError is thrown: the claim ends in any case.
   */
  async release(result: ClaimResult): Promise<'recorded' | 'lost'> {
    try {
      return await this.#release(result);
    } catch (error) {
      if (!(error instanceof StorageRefusedError) || result.change === undefined) throw error;
      const { before: _before, ...record } = this.#record;
      this.#record = record;
      const outcome = minimalOutcome(result.change.outcome);
      await this.#release({
        ...result,
        change: { ...result.change, outcome, before: undefined, shownAs: undefined },
      });
      throw error;
    }
  }

  async #release(result: ClaimResult): Promise<'recorded' | 'lost'> {
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

/** What an undo of the newest request goes back to moves to what stands, once its setting is that. */
function withChange(
  { unansweredToRestore: _earlier, before: recorded, ...others }: UserRecord,
  { order, outcome, mayHaveWritten, restored, before, shownAs, unansweredToRestore }: ChangeResult,
  atMs: number,
): UserRecord {
  const { newest } = others;
  const record =
    newest === undefined || restored === undefined
      ? others
      : { ...others, newest: { ...newest, desired: restored } };
  const last = { order, outcome: boundedOutcome(outcome), mayHaveWritten, atMs };
  const goesBackTo = before === undefined ? recorded : boundedFound(before);
  const standing = standingRequest({
    ...record,
    last,
    ...(goesBackTo === undefined ? {} : { before: goesBackTo }),
  });
  const shown = withoutPending(standing, record.newest, outcome);
  const isOwn = shown !== undefined && isSameRequest(shown.order, order);
  return {
    ...record,
    ...(unansweredToRestore === undefined ? {} : { unansweredToRestore }),
    last,
    ...(shown === undefined ? {} : { standing: isOwn ? withShown(shown, shownAs) : shown }),
  };
}

function withShown(standing: StandingRequest, shownAs: string | undefined): StandingRequest {
  return shownAs === undefined ? standing : { ...standing, shownAs: cutText(shownAs) };
}

/** An undo that has ended is not pending any more, whether or not it put anything back. */
function withoutPending(
  standing: StandingRequest | undefined,
  newest: UserRecord['newest'],
  { outcome }: Outcome,
): StandingRequest | undefined {
  if (standing === undefined) return undefined;
  const isUndone = newest?.undo !== undefined && isSameRequest(standing.order, newest.undo.of);
  if (!isUndone || !isFinal(outcome)) return standing;
  const { until: _pending, ...others } = standing;
  return others;
}

/** Storage keeps JSON: no undefined properties. */
function asStored(record: UserRecord): unknown {
  return JSON.parse(JSON.stringify(record));
}
