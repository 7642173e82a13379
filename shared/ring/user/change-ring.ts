import { failed, type Result, success } from '../../runtime/result.ts';
import type { AttemptReport } from '../attempt/attempt.ts';
import type { Schedule } from '../model/desired-ring.ts';
import { isSuccess, withEnd } from '../model/outcome.ts';
import { isSameRequest } from '../model/request-order.ts';
import { type RingState, shownState } from '../model/ring-state.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { standingRequest } from '../ports/standing-request.ts';
import { StorageRefusedError } from '../ports/storage-error.ts';
import type { StandingRequest } from '../ports/user-store.ts';
import { applyRing, rehearseRing } from './apply-ring.ts';
import { attemptUnder } from './attempt-under-claim.ts';
import {
  type ChangeOutcome,
  changeOutcome,
  dryRunOutcome,
  failureOutcome,
  settledOutcome,
  supersededOutcome,
  unrecordedOutcome,
} from './change-outcome.ts';
import type { Claim } from './claim.ts';
import { claimToChange, claimToRead } from './claim-user.ts';
import { type PendingUndo, type Progress, startProgress } from './progress.ts';
import { readRingState } from './read-ring-state.ts';
import { logRingChanged, possibleChange, type SentChange } from './ring-changed.ts';
import { claimLostOrThrow, claimRequest, endOf, type ReadRequest, release, type Tried } from './tried.ts';

export interface ChangeRequest extends ReadRequest, SentChange {
  readonly dryRun: boolean;
  readonly schedule?: Schedule | undefined;
}

/**
 * Changes one user's ring: claims the user, works on UCWA with recovery, records the outcome and releases the claim.
 * Throws StorageUnavailableError where storage fails; a claim that it leaves behind expires.
 */
export async function changeRing(deps: RingDeps, call: Invocation, request: ChangeRequest): Promise<Tried> {
  if (request.dryRun) return await rehearse(deps, call, request);
  const claimed = await claimToChange(deps.users, claimRequest(deps, request.user), {
    ...request,
    by: call.by,
  });
  if (claimed.kind === 'claimed') return await changeUnder(deps, call, request, claimed.claim);
  if (claimed.kind === 'busy') return claimed;
  const outcome =
    claimed.kind === 'done' ? claimed.outcome : supersededOutcome(call, request, claimed.newest);
  return { kind: 'ended', outcome: withEnd(outcome, deps.clock.nowMs()) };
}

/** A ring state that was read. */
export interface ReadState extends RingState {
  /** When the setting that stands is to end: an undo is pending. */
  readonly until?: string;
}

/** Reads one user's ring state. It claims the user, so that a wrong password is never sent twice at once. */
export async function readRing(
  deps: RingDeps,
  call: Invocation,
  request: ReadRequest,
): Promise<Result<ReadState, Tried>> {
  const claimed = await claimToRead(deps.users, claimRequest(deps, request.user));
  if (claimed.kind === 'busy') return failed(claimed);
  const report = await attemptUnder(deps, call, request, claimed.claim, (session) => readRingState(session));
  await release(deps, claimed.claim, report);
  const { result } = report;
  if (result.ok) {
    const { until } = standingRequest(claimed.claim.userRecord) ?? {};
    return success({ ...shownState(result.value.state), ...(until === undefined ? {} : { until }) });
  }
  return failed(endOf(report, failureOutcome(call, request, report, result.error)));
}

async function changeUnder(
  deps: RingDeps,
  call: Invocation,
  request: ChangeRequest,
  claim: Claim,
): Promise<Tried> {
  const progress = startProgress(earlierProgress(claim), claim.userRecord.unansweredToRestore);
  const work = attemptUnder(deps, call, request, claim, (session, signal) =>
    applyRing(session, request.desired, progress, {
      clock: deps.clock,
      signal,
      isTemporary: request.schedule?.until !== undefined,
      record: (recorded) => claim.record(recorded),
    }),
  );
  const report = await work.catch(claimLostOrThrow);
  if (report === 'lost') return claimLost(call, request, progress);
  const outcome = withEnd(changeOutcome(call, request, report, progress), deps.clock.nowMs());
  const change = possibleChange(progress);
  const logEnd = () =>
    logRingChanged(call, { ...request, ring: request.desired.ring }, outcome, change, report);
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

/**
 * Returns what earlier attempts of the request left, and the temporary setting that it comes upon. What an earlier attempt
 * recorded to go back to is the state that it found, unless it was inherited from such a setting.
 */
function earlierProgress({
  mayHaveWritten,
  userRecord,
}: Claim): Pick<Progress, 'previous' | 'before' | 'pending' | 'mayHaveWritten'> {
  const { newest, standing } = userRecord;
  const isOwn = standing !== undefined && newest !== undefined && isSameRequest(standing.order, newest.order);
  const pending = isOwn ? undefined : pendingUndo(standing);
  const before = mayHaveWritten ? (userRecord.before ?? (isOwn ? standing.before : undefined)) : undefined;
  return { previous: pending === undefined ? before : undefined, before, pending, mayHaveWritten };
}

function pendingUndo(standing: StandingRequest | undefined): PendingUndo | undefined {
  const { until, desired, before } = standing ?? {};
  return until === undefined || desired === undefined || before === undefined
    ? undefined
    : { desired, before };
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
    mayHaveWritten: outcome.outcome === 'failed' ? progress.mayStand : progress.mayHaveWritten,
    before: progress.before,
    shownAs: progress.shownAs,
    // A success is final: what it could not set again is in its warnings.
    unansweredToRestore: isSuccess(outcome) ? undefined : progress.unanswered.toRestore,
  });
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
    outcome: unrecordedOutcome(call, request, progress, seen),
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
