import type { AttemptReport } from '../attempt/attempt.ts';
import type { SignInHistory } from '../attempt/secret-in-use.ts';
import {
  type DeferredOutcome,
  type DryRunOutcome,
  isSuccess,
  type Outcome,
  type RefusedOutcome,
  type SuccessOutcome,
  withEnd,
  withoutAttempt,
} from '../model/outcome.ts';
import type { RequestOrder } from '../model/request-order.ts';
import type { FoundState } from '../model/ring-state.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import type { StandingRequest } from '../ports/user-store.ts';
import type { RehearsedRing } from './apply-ring.ts';
import { attemptUnder } from './attempt-under-claim.ts';
import {
  effortOf,
  failureOutcome,
  supersededOutcome,
  unrecordedOutcome,
  warningsOf,
} from './change-outcome.ts';
import type { Claim } from './claim.ts';
import { claimToRead, claimToUndo, type RequestedUndo, refuseUndo, undoneBy } from './claim-user.ts';
import type { PendingUndo } from './progress.ts';
import { desiredAs, isTargetUnknown } from './restore-plan.ts';
import {
  type ChangedSince,
  type Restored,
  type RestoreProgress,
  rehearseRestoring,
  restoreSettings,
  startRestoring,
} from './restore-settings.ts';
import { logRingChanged, possibleChange } from './ring-changed.ts';
import { claimLostOrThrow, claimRequest, endOf, type ReadRequest, release, type Tried } from './tried.ts';

/** The request to put back what was set before another request. */
export interface UndoRequest extends ReadRequest, RequestedUndo {
  readonly dryRun: boolean;
}

/**
 * Puts one user's settings back to what they were before a request, if the setting of that request still stands and nobody
 * has changed it since. Throws StorageUnavailableError where storage fails; a claim that it leaves behind expires.
 */
export async function undoRing(deps: RingDeps, call: Invocation, request: UndoRequest): Promise<Tried> {
  if (request.dryRun) return await rehearseUndo(deps, call, request);
  const claimed = await claimToUndo(deps.users, claimRequest(deps, request.user), {
    ...request,
    by: call.by,
  });
  if (claimed.kind === 'busy') return claimed;
  if (claimed.kind === 'claimed') return await undoUnder(deps, call, request, claimed.claim);
  const outcome = claimed.kind === 'done' ? claimed.outcome : overtaken(call, request, claimed.newest);
  return { kind: 'ended', outcome: withEnd(outcome, deps.clock.nowMs()) };
}

/** What an undo is to put back, or how it ends without sending anything. */
type ToUndo = { readonly pending: PendingUndo } | { readonly outcome: Outcome };

function toUndo(call: Invocation, request: UndoRequest, standing: StandingRequest | undefined): ToUndo {
  if (standing?.desired === undefined) return { outcome: neverApplied(call, request) };
  const { desired, before, provedAtMs, shownAs } = standing;
  const seen = {
    ...(provedAtMs === undefined ? {} : { provedAtMs }),
    ...(shownAs === undefined ? {} : { shownAs }),
  };
  if (before === undefined || isTargetUnknown(before)) return { outcome: previousUnknown(call, request) };
  return { pending: { desired, before, ...seen } };
}

async function undoUnder(
  deps: RingDeps,
  call: Invocation,
  request: UndoRequest,
  claim: Claim,
): Promise<Tried> {
  const { mayHaveWritten } = claim;
  const todo = toUndo(call, request, undoneBy(claim.userRecord, request));
  if ('outcome' in todo) return await endUnsent(deps, request, claim, todo.outcome);
  const { pending } = todo;
  const progress = startRestoring(claim.userRecord.before ?? pending.before, mayHaveWritten);
  const work = attemptUnder(deps, call, request, claim, (session, signal) =>
    restoreSettings(session, pending, progress, {
      clock: deps.clock,
      signal,
      recordBegin: (before) => claim.record({ before }),
    }),
  );
  const report = await work.catch(claimLostOrThrow);
  if (report === 'lost') return undoLost(call, request, progress);
  const outcome = withEnd(undoOutcome(call, request, pending.before, report, progress), deps.clock.nowMs());
  const restored = isSuccess(outcome) ? desiredAs(pending.before) : undefined;
  const change = { ...changeOf(request, outcome, progress), restored };
  const recorded = await release(deps, claim, report, change);
  if (recorded === 'lost') return undoLost(call, request, progress);
  const { ring } = pending.before;
  logRingChanged(call, { ...request, ring }, outcome, possibleChange(progress), report);
  return endOf(report, outcome);
}

/** Ends an undo that has nothing to do. Recorded, it keeps a late attempt at what it undoes from being begun. */
async function endUnsent(
  deps: RingDeps,
  request: UndoRequest,
  claim: Claim,
  unended: Outcome,
): Promise<Tried> {
  const { clock } = deps;
  const nowMs = clock.nowMs();
  const outcome = withEnd(unended, nowMs);
  const { mayHaveWritten } = claim;
  const change = changeOf(request, outcome, { previous: undefined, mayHaveWritten });
  await claim.release({ change, signIns: signInsOf(claim), nowMs });
  return { kind: 'ended', outcome };
}

/** Nobody signed in: what is recorded stays. */
function signInsOf({ userRecord: { refusedVersion, signIns } }: Claim): SignInHistory {
  return { refusedVersion, signIns };
}

function changeOf(
  { order }: UndoRequest,
  outcome: Outcome,
  { mayHaveWritten }: Pick<RestoreProgress, 'mayHaveWritten' | 'previous'>,
) {
  const none = { before: undefined, shownAs: undefined, unansweredToRestore: undefined };
  return { order, outcome, mayHaveWritten, ...none };
}

function undoLost(call: Invocation, request: UndoRequest, progress: RestoreProgress): Tried {
  const { log, correlationId } = call;
  log({ event: 'claim-lost', level: 'warn', user: request.user, correlationId });
  const outcome = unrecordedOutcome(call, request, progress, undefined);
  return { kind: 'deferred', outcome, countsAsAttempt: false, requiresOperator: false };
}

function undoOutcome(
  call: Invocation,
  request: UndoRequest,
  before: FoundState,
  report: AttemptReport<Restored>,
  { previous }: RestoreProgress,
): SuccessOutcome | RefusedOutcome | DeferredOutcome {
  const { result } = report;
  if (!result.ok) return { ...failureOutcome(call, request, report, result.error), ...shownRing(before) };
  if (result.value.kind === 'changed-since') return { ...changed(call, request), ...effortOf(call, report) };
  const { outcome, verified, warnings } = result.value;
  return {
    user: request.user,
    outcome,
    ...shownRing(before),
    ...(previous === undefined ? {} : { previous }),
    verified,
    ...effortOf(call, report),
    ...warningsOf(warnings),
  };
}

/** What an undo sets, as its outcome shows it. */
function shownRing({ ring, target, ringDelaySeconds }: FoundState) {
  return {
    ring,
    ...(target === undefined ? {} : { target }),
    ...(ringDelaySeconds === undefined ? {} : { ringDelaySeconds }),
  };
}

async function rehearseUndo(deps: RingDeps, call: Invocation, request: UndoRequest): Promise<Tried> {
  const claimed = await claimToRead(deps.users, claimRequest(deps, request.user));
  if (claimed.kind === 'busy') return claimed;
  const { claim } = claimed;
  const todo = toRehearse(call, request, claim);
  if ('outcome' in todo) {
    await claim.release({ change: undefined, signIns: signInsOf(claim), nowMs: deps.clock.nowMs() });
    return { kind: 'ended', outcome: withEnd(todo.outcome, deps.clock.nowMs()) };
  }
  const report = await attemptUnder(deps, call, request, claim, (session) =>
    rehearseRestoring(session, todo.pending),
  );
  await release(deps, claim, report);
  const outcome = rehearsedOutcome(call, request, todo.pending.before, report);
  return endOf(report, withEnd(outcome, deps.clock.nowMs()));
}

function toRehearse(call: Invocation, request: UndoRequest, { userRecord }: Claim): ToUndo {
  const refusal = refuseUndo(userRecord, request);
  if (refusal?.kind === 'superseded') return { outcome: overtaken(call, request, refusal.newest) };
  const todo = toUndo(call, request, undoneBy(userRecord, request));
  const isRefused = 'outcome' in todo && todo.outcome.outcome === 'failed';
  return isRefused ? { outcome: { ...todo.outcome, dryRun: true } } : todo;
}

function rehearsedOutcome(
  call: Invocation,
  request: UndoRequest,
  before: FoundState,
  report: AttemptReport<RehearsedRing | ChangedSince>,
): DryRunOutcome | RefusedOutcome | DeferredOutcome {
  const { result } = report;
  if (!result.ok) return { ...failureOutcome(call, request, report, result.error), dryRun: true };
  if ('kind' in result.value) {
    return { ...changed(call, request), ...effortOf(call, report), dryRun: true };
  }
  const { would, previous, warnings } = result.value;
  return {
    user: request.user,
    outcome: 'unchanged',
    ...shownRing(before),
    dryRun: true,
    would,
    previous,
    ...effortOf(call, report),
    ...warningsOf(warnings),
  };
}

const undone = ({ undoes }: UndoRequest) => `The setting of the batch "${undoes.batch}"`;

function neverApplied({ correlationId }: Invocation, { user }: UndoRequest): SuccessOutcome {
  return { ...withoutAttempt(user, correlationId), outcome: 'unchanged', verified: false };
}

function overtaken(call: Invocation, request: UndoRequest, newest: RequestOrder | undefined): RefusedOutcome {
  const { user } = request;
  const by = newest === undefined ? 'a newer request' : `a newer request (batch "${newest.batch}")`;
  const detail = `${undone(request)} no longer stands: ${by} replaced it, so nothing is put back. Nothing needs to be done.`;
  return { ...supersededOutcome(call, { user }, newest), detail };
}

function changed({ correlationId }: Invocation, request: UndoRequest): RefusedOutcome {
  return {
    ...withoutAttempt(request.user, correlationId),
    outcome: 'superseded',
    code: 'superseded',
    detail: `${undone(request)} no longer stands: the user changed it in their own client, so nothing is put back. Nothing needs to be done.`,
  };
}

function previousUnknown({ correlationId }: Invocation, request: UndoRequest): RefusedOutcome {
  return {
    ...withoutAttempt(request.user, correlationId),
    outcome: 'failed',
    code: 'previous-unknown',
    detail: `This undo changed nothing, because what was set before the batch "${request.undoes.batch}" is not recorded: ask the user what to set, and send that as a new request.`,
  };
}
