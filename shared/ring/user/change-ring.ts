import type { UcwaSession } from '../../ucwa/session.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import { type AttemptParts, type AttemptReport, attempt } from '../attempt/attempt.ts';
import { noPlace } from '../attempt/decision-table.ts';
import type { Setting } from '../model/desired-ring.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Log } from '../ports/events.ts';
import type { Users } from '../ports/user-store.ts';
import { applyWish, type Progress, rehearseWish } from './apply-ring.ts';
import {
  changeOutcome,
  effort,
  nothingDone,
  outcomeUntold,
  superseded,
  unsuccessful,
} from './change-outcome.ts';
import {
  type Claim,
  ClaimLostError,
  type ClaimRequest,
  type ClaimResult,
  claimToChange,
  claimToRead,
  type RequestedChange,
  recordTakenAway,
  releaseClaim,
} from './claim.ts';
import type { PoolsUsed } from './hosts-served.ts';
import { findSetting } from './read-ring-state.ts';

/** What it takes to work for people. */
export interface RingParts extends AttemptParts {
  readonly users: Users;
  readonly log: Log;
  readonly poolsUsed: PoolsUsed;
  readonly newId: () => string;
  /** How long one attempt may take; its claim lasts 30 seconds longer. */
  readonly attemptLimitMs: number;
}

/** Work for one person on somebody's behalf. */
export interface ReadRequest {
  readonly user: SipUri;
  readonly correlationId: string;
  readonly signal: AbortSignal;
  /** Where the caller waits no longer than this, no wait of ours goes beyond. */
  readonly deadlineMs?: number;
}

export interface ChangeRequest extends ReadRequest, RequestedChange {
  readonly dryRun: boolean;
}

/** How one try at a change ended. */
export type Changed =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** To be tried again: `countsAsAttempt` where it reached UCWA, `needsPeople` where no time mends it. */
  | {
      readonly kind: 'deferred';
      readonly outcome: Outcome;
      readonly countsAsAttempt: boolean;
      readonly needsPeople: boolean;
    }
  /** Somebody else is at work as this person. */
  | { readonly kind: 'busy'; readonly untilMs: number }
  /** Others took all places for long: nobody was asked anything. */
  | { readonly kind: 'no-place' };

export type RingRead = { readonly kind: 'read'; readonly setting: Setting } | Changed;

/** No write takes effect later than this after its attempt stopped. */
const claimMarginMs = 30_000;

/**
 * Makes a wish so for one person: claims the person, works on UCWA with recovery, records the outcome and releases
 * the claim. Throws StorageUnavailableError where storage fails; a claim that it left is over after its time.
 */
export async function changeRing(parts: RingParts, request: ChangeRequest): Promise<Changed> {
  if (request.dryRun) return await rehearse(parts, request);
  const claimed = await claimToChange(parts.users, claimRequest(parts, request.user), request);
  if (claimed.kind === 'claimed') return await makeSo(parts, request, claimed.claim);
  if (claimed.kind === 'busy') return claimed;
  return { kind: 'ended', outcome: claimed.kind === 'done' ? claimed.outcome : superseded(request) };
}

/** Reads what is set for one person. The claim keeps a wrong password from being sent twice at once. */
export async function readRing(parts: RingParts, request: ReadRequest): Promise<RingRead> {
  const claimed = await claimToRead(parts.users, claimRequest(parts, request.user));
  if (claimed.kind === 'busy') return claimed;
  const report = await attemptUnder(parts, request, claimed.claim, (session) => findSetting(session));
  await release(parts, claimed.claim, report);
  const { result } = report;
  if ('done' in result) return { kind: 'read', setting: result.done.setting };
  return howItEnded(report, unsuccessful(parts, request, report, result));
}

async function makeSo(parts: RingParts, request: ChangeRequest, claimed: Claim): Promise<Changed> {
  let held = claimed;
  const progress: Progress = {
    previous: undefined,
    mayHaveWritten: held.mayHaveWritten,
    unanswered: held.record.takenAway,
  };
  const work = attemptUnder(parts, request, held, (session, signal) =>
    applyWish(session, request.wish, progress, {
      clock: parts.clock,
      signal,
      recordTakenAway: async (unanswered) => {
        held = await recordTakenAway(parts.users, held, unanswered);
      },
    }),
  );
  const report = await work.catch(lostClaim);
  if (report === 'lost') return claimLost(parts, request, nothingDone(request));
  const outcome = changeOutcome(parts, request, report, progress);
  const recorded = await release(parts, held, report, {
    change: { order: request.order, outcome, mayHaveWritten: progress.mayHaveWritten },
    before: progress.previous,
  });
  return recorded === 'lost' ? claimLost(parts, request, outcome) : howItEnded(report, outcome);
}

function lostClaim(error: unknown): 'lost' {
  if (error instanceof ClaimLostError) return 'lost';
  throw error;
}

/** Its claim ran out while it worked: what it found is no longer its to tell. */
function claimLost({ log }: RingParts, request: ChangeRequest, outcome: Outcome): Changed {
  log({ event: 'claim-lost', level: 'warn', user: request.user, correlationId: request.correlationId });
  return {
    kind: 'deferred',
    outcome: outcomeUntold(outcome),
    countsAsAttempt: false,
    needsPeople: false,
  };
}

async function rehearse(parts: RingParts, request: ChangeRequest): Promise<Changed> {
  const { user, wish } = request;
  const claimed = await claimToRead(parts.users, claimRequest(parts, user));
  if (claimed.kind === 'busy') return claimed;
  const report = await attemptUnder(parts, request, claimed.claim, (session) => rehearseWish(session, wish));
  await release(parts, claimed.claim, report);
  const { result } = report;
  const outcome: Outcome =
    'done' in result
      ? { user, outcome: 'unchanged', ...wish, dryRun: true, ...result.done, ...effort(request, report) }
      : { ...unsuccessful(parts, request, report, result), dryRun: true };
  return howItEnded(report, outcome);
}

function howItEnded({ result, hasReached }: AttemptReport<unknown>, outcome: Outcome): Changed {
  if ('done' in result || result.end === 'fail') return { kind: 'ended', outcome };
  const { failure } = result;
  if (failure === noPlace) return { kind: 'no-place' };
  return {
    kind: 'deferred',
    outcome,
    countsAsAttempt: failure.countsAsAttempt && hasReached,
    needsPeople: failure.needsPeople,
  };
}

function claimRequest({ clock, newId, attemptLimitMs }: RingParts, user: SipUri): ClaimRequest {
  return { user, claimId: newId(), nowMs: clock.nowMs(), lastsMs: attemptLimitMs + claimMarginMs };
}

/** The time counts from when the claim was asked for: storage that was slow to give it has used some of it up. */
async function attemptUnder<T>(
  parts: RingParts,
  request: ReadRequest,
  { untilMs, record }: Claim,
  run: (session: UcwaSession, signal: AbortSignal) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { user, correlationId, signal } = request;
  const deadlineMs = Math.min(untilMs - claimMarginMs, request.deadlineMs ?? Number.POSITIVE_INFINITY);
  const limitMs = deadlineMs - parts.clock.nowMs();
  const limit = parts.clock.timeout(Math.max(0, limitMs));
  const under = AbortSignal.any([signal, limitMs > 0 ? limit.signal : AbortSignal.abort()]);
  const options = { user, correlationId, signal: under, deadlineMs, refusedVersion: record.refusedVersion };
  try {
    const report = await attempt(parts, options, (session) => run(session, under));
    if ('done' in report.result) parts.poolsUsed.note(report.servingHosts, parts.log);
    return report;
  } finally {
    limit.stop();
  }
}

function release(
  { users, clock }: RingParts,
  held: Claim,
  { refusedVersion, isWriteUnderWay }: AttemptReport<unknown>,
  { change, before }: Pick<ClaimResult, 'change' | 'before'> = { change: undefined, before: undefined },
): Promise<'recorded' | 'lost'> {
  const nowMs = clock.nowMs();
  const holdUntilMs = isWriteUnderWay ? nowMs + claimMarginMs : undefined;
  return releaseClaim(users, held, { change, before, refusedVersion, nowMs, holdUntilMs });
}
