import { failed, type Result, success } from '../../runtime/result.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import { lateWriteLimitMs } from '../../ucwa/write-fate.ts';
import type { AttemptReport } from '../attempt/attempt.ts';
import { noSlot } from '../attempt/decision-table.ts';
import { SignInPausedError } from '../attempt/sign-in-limit.ts';
import {
  type DeferredOutcome,
  isSuccess,
  type Outcome,
  type SuccessOutcome,
  withEnd,
} from '../model/outcome.ts';
import type { RingState } from '../model/ring-state.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { StorageRefusedError } from '../ports/storage-error.ts';
import { applyRing, type Progress, rehearseRing, startProgress } from './apply-ring.ts';
import { attemptUnder, type CallerBudget } from './attempt-under-claim.ts';
import {
  type ChangeOutcome,
  changeOutcome,
  dryRunOutcome,
  failureOutcome,
  settledOutcome,
  supersededOutcome,
  unrecordedOutcome,
} from './change-outcome.ts';
import { type ChangeResult, type Claim, ClaimLostError } from './claim.ts';
import { type ClaimRequest, claimToChange, claimToRead } from './claim-user.ts';
import { readRingState } from './read-ring-state.ts';
import { logRingChanged, type PossibleChange, possibleChange, type SentChange } from './ring-changed.ts';

/** Work for one user. */
export interface ReadRequest {
  readonly user: SipUri;
  /** How long a caller waits; absent where no caller does. */
  readonly budget?: CallerBudget;
}

export interface ChangeRequest extends ReadRequest, SentChange {
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
      /** Before this time another try would send nothing. */
      readonly notBeforeMs?: number;
      /** Present where the request may have written to UCWA. */
      readonly change?: PossibleChange;
      /** The outcome if it is not tried again: the ring is as desired, and only a side effect is left. */
      readonly settled?: SuccessOutcome;
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
  const outcome = claimed.kind === 'done' ? claimed.outcome : supersededOutcome(call, request);
  return { kind: 'ended', outcome: withEnd(outcome, deps.clock.nowMs()) };
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
  const { before, unansweredToRestore: recorded } = claim.userRecord;
  const { mayHaveWritten } = claim;
  const progress = startProgress({ previous: mayHaveWritten ? before : undefined, mayHaveWritten }, recorded);
  const work = attemptUnder(deps, call, request, claim, (session, signal) =>
    applyRing(session, request.desired, progress, {
      clock: deps.clock,
      signal,
      recordUnansweredToRestore: (unansweredToRestore) => claim.record({ unansweredToRestore }),
    }),
  );
  const report = await work.catch(claimLostOrThrow);
  if (report === 'lost') return claimLost(call, request, progress);
  const outcome = withEnd(changeOutcome(call, request, report, progress), deps.clock.nowMs());
  const change = possibleChange(progress);
  const logEnd = () => logRingChanged(call, request, outcome, change);
  const released = await recordEnd(deps, request, { claim, report, progress, outcome }).catch((error) => {
    // The end is recorded all the same, without the details that storage refused.
    if (error instanceof StorageRefusedError) logEnd();
    throw error;
  });
  if (released === 'lost') return claimLost(call, request, progress, outcome);
  logEnd();
  const end = endOf(report, outcome);
  if (end.kind !== 'deferred') return end;
  return {
    ...end,
    ...(change === undefined ? {} : { change }),
    ...(progress.isRingProved ? { settled: settledOutcome(call, request, report, progress) } : {}),
  };
}

/** An attempt at a change that has ended, under its claim. */
interface EndedAttempt {
  readonly claim: Claim;
  readonly report: AttemptReport<unknown>;
  readonly progress: Progress;
  readonly outcome: ChangeOutcome;
}

function recordEnd(
  deps: RingDeps,
  { order }: ChangeRequest,
  { claim, report, progress, outcome }: EndedAttempt,
): Promise<'recorded' | 'lost'> {
  return release(deps, claim, report, {
    order,
    outcome,
    mayHaveWritten: progress.mayHaveWritten,
    before: progress.previous,
    // A success is final: what it could not set again is in its warnings.
    unansweredToRestore: isSuccess(outcome) ? undefined : progress.unanswered.toRestore,
  });
}

function claimLostOrThrow(error: unknown): 'lost' {
  if (error instanceof ClaimLostError) return 'lost';
  throw error;
}

function claimLost(
  call: Invocation,
  request: ChangeRequest,
  progress: Progress,
  seen?: ChangeOutcome,
): Tried {
  const { log, correlationId } = call;
  const change = possibleChange(progress);
  log({ event: 'claim-lost', level: 'warn', user: request.user, correlationId });
  return {
    kind: 'deferred',
    outcome: unrecordedOutcome(call, request, seen),
    countsAsAttempt: false,
    requiresOperator: false,
    ...(change === undefined ? {} : { change }),
  };
}

async function rehearse(deps: RingDeps, call: Invocation, request: ChangeRequest): Promise<Tried> {
  const claimed = await claimToRead(deps.users, claimRequest(deps, request.user));
  if (claimed.kind === 'busy') return claimed;
  const report = await attemptUnder(deps, call, request, claimed.claim, (session) =>
    rehearseRing(session, request.desired),
  );
  await release(deps, claimed.claim, report);
  return endOf(report, withEnd(dryRunOutcome(call, request, report), deps.clock.nowMs()));
}

function endOf({ result, hasReached }: AttemptReport<unknown>, outcome: Outcome): Tried {
  if (result.ok || outcome.outcome !== 'deferred') return { kind: 'ended', outcome };
  const { failure, error } = result.error;
  if (failure === noSlot) return { kind: 'no-slot' };
  return {
    kind: 'deferred',
    outcome,
    ...(error instanceof SignInPausedError ? { notBeforeMs: error.untilMs } : {}),
    countsAsAttempt: failure.countsAsAttempt && hasReached,
    requiresOperator: failure.requiresOperator,
  };
}

function claimRequest({ clock, newId, limits }: RingDeps, user: SipUri): ClaimRequest {
  const durationMs = limits.attemptLimitMs + lateWriteLimitMs;
  return { user, claimId: newId(), nowMs: clock.nowMs(), durationMs };
}

function release(
  { clock }: RingDeps,
  claim: Claim,
  { signIns, mayStillLand }: AttemptReport<unknown>,
  change?: ChangeResult,
): Promise<'recorded' | 'lost'> {
  const nowMs = clock.nowMs();
  const holdUntilMs = mayStillLand ? nowMs + lateWriteLimitMs : undefined;
  return claim.release({ change, signIns, nowMs, holdUntilMs });
}
