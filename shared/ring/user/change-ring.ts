import type { UcwaSession } from '../../ucwa/session.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import { type AttemptParts, type AttemptReport, attempt } from '../attempt/attempt.ts';
import { noSlot } from '../attempt/decision-table.ts';
import type { RingState } from '../model/desired-ring.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Log } from '../ports/events.ts';
import type { UserStore } from '../ports/user-store.ts';
import { applyRing, type Progress, rehearseRing } from './apply-ring.ts';
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
  recordUnansweredToRestore,
  releaseClaim,
} from './claim.ts';
import type { HostsServed } from './hosts-served.ts';
import { readRingState } from './read-ring-state.ts';

/** What it takes to work for people. */
export interface RingParts extends AttemptParts {
  readonly users: UserStore;
  readonly log: Log;
  readonly hostsServed: HostsServed;
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
  /** To be tried again: `countsAsAttempt` where it reached UCWA, `requiresOperator` where no time mends it. */
  | {
      readonly kind: 'deferred';
      readonly outcome: Outcome;
      readonly countsAsAttempt: boolean;
      readonly requiresOperator: boolean;
    }
  /** Somebody else is at work as this person. */
  | { readonly kind: 'busy'; readonly untilMs: number }
  /** Others took all places for long: nobody was asked anything. */
  | { readonly kind: 'no-place' };

export type RingRead = { readonly kind: 'read'; readonly state: RingState } | Changed;

/** No write takes effect later than this after its attempt stopped. */
const claimMarginMs = 30_000;

/**
 * Makes a desired so for one person: claims the person, works on UCWA with recovery, records the outcome and releases
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
  const report = await attemptUnder(parts, request, claimed.claim, (session) => readRingState(session));
  await release(parts, claimed.claim, report);
  const { result } = report;
  if ('done' in result) return { kind: 'read', state: result.done.state };
  return howItEnded(report, unsuccessful(parts, request, report, result));
}

async function makeSo(parts: RingParts, request: ChangeRequest, claimed: Claim): Promise<Changed> {
  let held = claimed;
  const progress: Progress = {
    previous: undefined,
    mayHaveWritten: held.mayHaveWritten,
    unanswered: held.record.unansweredToRestore,
  };
  const work = attemptUnder(parts, request, held, (session, signal) =>
    applyRing(session, request.desired, progress, {
      clock: parts.clock,
      signal,
      recordUnansweredToRestore: async (unanswered) => {
        held = await recordUnansweredToRestore(parts.users, held, unanswered);
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
    requiresOperator: false,
  };
}

async function rehearse(parts: RingParts, request: ChangeRequest): Promise<Changed> {
  const { user, desired } = request;
  const claimed = await claimToRead(parts.users, claimRequest(parts, user));
  if (claimed.kind === 'busy') return claimed;
  const report = await attemptUnder(parts, request, claimed.claim, (session) =>
    rehearseRing(session, desired),
  );
  await release(parts, claimed.claim, report);
  const { result } = report;
  const outcome: Outcome =
    'done' in result
      ? { user, outcome: 'unchanged', ...desired, dryRun: true, ...result.done, ...effort(request, report) }
      : { ...unsuccessful(parts, request, report, result), dryRun: true };
  return howItEnded(report, outcome);
}

function howItEnded({ result, hasReached }: AttemptReport<unknown>, outcome: Outcome): Changed {
  if ('done' in result || result.disposition === 'fail') return { kind: 'ended', outcome };
  const { failure } = result;
  if (failure === noSlot) return { kind: 'no-place' };
  return {
    kind: 'deferred',
    outcome,
    countsAsAttempt: failure.countsAsAttempt && hasReached,
    requiresOperator: failure.requiresOperator,
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
    if ('done' in report.result) parts.hostsServed.note(report.servingHosts, parts.log);
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
