import { failed, type Result, success } from '../../runtime/result.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import { lateWriteLimitMs } from '../../ucwa/write-fate.ts';
import { type AttemptReport, attempt } from '../attempt/attempt.ts';
import { noSlot } from '../attempt/decision-table.ts';
import type { DeferredOutcome, Outcome } from '../model/outcome.ts';
import type { RingState } from '../model/ring-state.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { applyRing, type Progress, rehearseRing } from './apply-ring.ts';
import {
  type ChangeOutcome,
  changeOutcome,
  dryRunOutcome,
  failureOutcome,
  supersededOutcome,
  unrecordedOutcome,
} from './change-outcome.ts';
import {
  type Claim,
  ClaimLostError,
  type ClaimRequest,
  type ClaimResult,
  claimToChange,
  claimToRead,
  type RequestedChange,
} from './claim.ts';
import { readRingState } from './read-ring-state.ts';

/** Work for one user. */
export interface ReadRequest {
  readonly user: SipUri;
  /** Where a caller waits no longer than this, no wait of the attempt goes beyond. */
  readonly deadlineMs?: number;
}

export interface ChangeRequest extends ReadRequest, RequestedChange {
  readonly dryRun: boolean;
}

/** How one try at a change, or at reading, ended. */
export type Tried = { readonly kind: 'ended'; readonly outcome: Outcome } | NotEnded;

/** A try that is to be repeated. */
export type NotEnded =
  | {
      readonly kind: 'deferred';
      readonly outcome: DeferredOutcome;
      /** True where the try counts towards the attempts of an entry. */
      readonly countsAsAttempt: boolean;
      /** True where only an operator can correct the cause. */
      readonly requiresOperator: boolean;
    }
  /** Another worker has claimed the user. */
  | { readonly kind: 'busy'; readonly untilMs: number }
  /** No slot came free; nothing was sent. */
  | { readonly kind: 'no-slot' };

/**
 * Changes one user's ring: claims the user, works on UCWA with recovery, records the outcome and releases the claim.
 * Throws StorageUnavailableError where storage fails; a claim that it leaves behind expires.
 */
export async function changeRing(deps: RingDeps, call: Invocation, request: ChangeRequest): Promise<Tried> {
  if (request.dryRun) return await rehearse(deps, call, request);
  const claimed = await claimToChange(deps.users, claimRequest(deps, request.user), request);
  if (claimed.kind === 'claimed') return await changeUnder(deps, call, request, claimed.claim);
  if (claimed.kind === 'busy') return claimed;
  return {
    kind: 'ended',
    outcome: claimed.kind === 'done' ? claimed.outcome : supersededOutcome(call, request),
  };
}

/** Reads one user's ring state. It claims the user, so that a wrong password is never sent twice at once. */
export async function readRing(
  deps: RingDeps,
  call: Invocation,
  request: ReadRequest,
): Promise<Result<RingState, Tried>> {
  const claimed = await claimToRead(deps.users, claimRequest(deps, request.user));
  if (claimed.kind === 'busy') return failed(claimed);
  const report = await attemptUnder(deps, call, request, claimed.claim, (session) => readRingState(session));
  await release(deps, claimed.claim, report);
  const { result } = report;
  if (result.ok) return success(result.value.state);
  return failed(endOf(report, failureOutcome(call, request, report, result.error)));
}

async function changeUnder(
  deps: RingDeps,
  call: Invocation,
  request: ChangeRequest,
  claim: Claim,
): Promise<Tried> {
  const progress: Progress = {
    previous: undefined,
    mayHaveWritten: claim.mayHaveWritten,
    unanswered: claim.userRecord.unansweredToRestore,
  };
  const work = attemptUnder(deps, call, request, claim, (session, signal) =>
    applyRing(session, request.desired, progress, {
      clock: deps.clock,
      signal,
      recordUnansweredToRestore: (unansweredToRestore) => claim.record({ unansweredToRestore }),
    }),
  );
  const report = await work.catch(claimLostOrThrow);
  if (report === 'lost') return claimLost(call, request);
  const outcome = changeOutcome(call, request, report, progress.previous);
  const recorded = await release(deps, claim, report, {
    change: { order: request.order, outcome, mayHaveWritten: progress.mayHaveWritten },
    before: progress.previous,
  });
  return recorded === 'lost' ? claimLost(call, request, outcome) : endOf(report, outcome);
}

function claimLostOrThrow(error: unknown): 'lost' {
  if (error instanceof ClaimLostError) return 'lost';
  throw error;
}

function claimLost(call: Invocation, request: ChangeRequest, seen?: ChangeOutcome): Tried {
  const { log, correlationId } = call;
  log({ event: 'claim-lost', level: 'warn', user: request.user, correlationId });
  return {
    kind: 'deferred',
    outcome: unrecordedOutcome(call, request, seen),
    countsAsAttempt: false,
    requiresOperator: false,
  };
}

async function rehearse(deps: RingDeps, call: Invocation, request: ChangeRequest): Promise<Tried> {
  const claimed = await claimToRead(deps.users, claimRequest(deps, request.user));
  if (claimed.kind === 'busy') return claimed;
  const report = await attemptUnder(deps, call, request, claimed.claim, (session) =>
    rehearseRing(session, request.desired),
  );
  await release(deps, claimed.claim, report);
  return endOf(report, dryRunOutcome(call, request, report));
}

function endOf({ result, hasReached }: AttemptReport<unknown>, outcome: Outcome): Tried {
  if (result.ok || outcome.outcome !== 'deferred') return { kind: 'ended', outcome };
  const { failure } = result.error;
  if (failure === noSlot) return { kind: 'no-slot' };
  return {
    kind: 'deferred',
    outcome,
    countsAsAttempt: failure.countsAsAttempt && hasReached,
    requiresOperator: failure.requiresOperator,
  };
}

function claimRequest({ clock, newId, limits }: RingDeps, user: SipUri): ClaimRequest {
  const durationMs = limits.attemptLimitMs + lateWriteLimitMs;
  return { user, claimId: newId(), nowMs: clock.nowMs(), durationMs };
}

/** The attempt's time starts when the claim was requested: storage that was slow has used some of it. */
async function attemptUnder<T>(
  deps: RingDeps,
  call: Invocation,
  request: ReadRequest,
  claim: Claim,
  run: (session: UcwaSession, signal: AbortSignal) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { refusedVersion } = claim.userRecord;
  const deadlineMs = Math.min(
    claim.untilMs - lateWriteLimitMs,
    request.deadlineMs ?? Number.POSITIVE_INFINITY,
  );
  const limitMs = deadlineMs - deps.clock.nowMs();
  const limit = deps.clock.timeout(Math.max(0, limitMs));
  const signal = AbortSignal.any([call.signal, limitMs > 0 ? limit.signal : AbortSignal.abort()]);
  const options = { user: claim.user, deadlineMs, refusedVersion };
  try {
    const report = await attempt(deps, { ...call, signal }, options, (session) => run(session, signal));
    if (report.result.ok) deps.hostsServed.note(report.servingHosts, call.log);
    return report;
  } finally {
    limit.stop();
  }
}

function release(
  { clock }: RingDeps,
  claim: Claim,
  { refusedVersion, mayStillLand }: AttemptReport<unknown>,
  { change, before }: Pick<ClaimResult, 'change' | 'before'> = { change: undefined, before: undefined },
): Promise<'recorded' | 'lost'> {
  const nowMs = clock.nowMs();
  const holdUntilMs = mayStillLand ? nowMs + lateWriteLimitMs : undefined;
  return claim.release({ change, before, refusedVersion, nowMs, holdUntilMs });
}
