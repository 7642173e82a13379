import { formatTime } from '../../runtime/format-time.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import type { AttemptReport } from '../attempt/attempt.ts';
import { type FailureName, noSlot } from '../attempt/decision-table.ts';
import { explain } from '../attempt/explain.ts';
import { failedHost } from '../attempt/failed-host.ts';
import type { Termination } from '../attempt/recovery.ts';
import type { DesiredRing, Schedule } from '../model/desired-ring.ts';
import {
  type DeferredOutcome,
  type DryRunOutcome,
  isSuccess,
  type Outcome,
  type RefusedOutcome,
  type SuccessOutcome,
  type Warning,
  withoutAttempt,
} from '../model/outcome.ts';
import type { RequestOrder } from '../model/request-order.ts';
import { shownState } from '../model/ring-state.ts';
import type { Invocation } from '../ports/deps.ts';
import type { Applied, RehearsedRing } from './apply-ring.ts';
import type { Progress } from './progress.ts';

/** The request that an outcome is for; reading has no desired ring. */
export interface OutcomeSubject {
  readonly user: SipUri;
  readonly desired?: DesiredRing;
  readonly schedule?: Schedule | undefined;
  /** The order of the request; undefined for a read, which is no part of a batch. */
  readonly order?: Pick<RequestOrder, 'batch'>;
}

/** What one try at a change ends in. */
export type ChangeOutcome = SuccessOutcome | DeferredOutcome | RefusedOutcome;

/** What ends an attempt wherever it is, so that its write may have taken effect. */
const endedAmidWork: ReadonlySet<FailureName> = new Set(['interrupted', 'out-of-time']);

const mayBeMade = 'The change may already have been made.';

/** Returns the outcome of a change from the report of its attempt, and logs a failure. */
export function changeOutcome(
  call: Invocation,
  subject: OutcomeSubject,
  report: AttemptReport<Applied>,
  progress: Progress,
): ChangeOutcome {
  const { result } = report;
  if (!result.ok) {
    const failure = failureOutcome(call, subject, report, result.error);
    const isSettled = progress.isRingProved && failure.outcome === 'failed';
    if (isSettled) return settledOutcome(call, subject, report, progress);
    const isOpen = progress.mayHaveWritten && endedAmidWork.has(result.error.failure.name);
    return isOpen ? withNextStep(failure, mayBeMade) : failure;
  }
  return successOutcome(call, subject, report, { ...result.value, previous: progress.previous });
}

/**
 * Returns the outcome of a change whose ring is as desired, although its attempt failed: the target for unanswered calls
 * is not set again.
 */
export function settledOutcome(
  call: Invocation,
  subject: OutcomeSubject,
  report: AttemptReport<unknown>,
  { previous, unanswered }: Progress,
): SuccessOutcome {
  const { result } = report;
  const reason = !result.ok && result.error.error instanceof Error ? result.error.error.message : 'it failed';
  const warnings = unanswered.warningsIfGivenUp(reason);
  return successOutcome(call, subject, report, { outcome: 'applied', verified: true, warnings, previous });
}

function successOutcome(
  call: Invocation,
  { user, desired, schedule }: OutcomeSubject,
  report: AttemptReport<unknown>,
  { outcome, verified, warnings, previous }: Applied & Pick<Progress, 'previous'>,
): SuccessOutcome {
  return {
    user,
    outcome,
    ...desired,
    ...schedule,
    ...(previous === undefined ? {} : { previous: shownState(previous) }),
    verified,
    ...effortOf(call, report),
    ...warningsOf(warnings),
  };
}

/** Returns the outcome of a dry run from the report of its attempt, and logs a failure. */
export function dryRunOutcome(
  call: Invocation,
  subject: OutcomeSubject,
  report: AttemptReport<RehearsedRing>,
): DryRunOutcome | DeferredOutcome | RefusedOutcome {
  const { result } = report;
  if (!result.ok) return { ...failureOutcome(call, subject, report, result.error), dryRun: true };
  return {
    user: subject.user,
    outcome: 'unchanged',
    ...subject.desired,
    ...subject.schedule,
    dryRun: true,
    would: result.value.would,
    previous: result.value.previous,
    ...effortOf(call, report),
    ...warningsOf(result.value.warnings),
  };
}

/** Returns the outcome of an attempt that failed, and logs it. Without a slot the attempt was not started: not logged. */
export function failureOutcome(
  call: Invocation,
  subject: OutcomeSubject,
  report: AttemptReport<unknown>,
  { failure, error, disposition }: Termination,
): DeferredOutcome | RefusedOutcome {
  const { user, desired, schedule, order } = subject;
  const explanation = explain(failure, error);
  const diagnosis = explanation.ucwa?.diagnosis;
  if (failure !== noSlot) {
    call.log({
      event: 'ring-failed',
      level: 'warn',
      user,
      correlationId: call.correlationId,
      failure: failure.name,
      code: explanation.code,
      end: disposition,
      host: failedHost(error),
      status: explanation.ucwa?.status,
      subcode: explanation.ucwa?.subcode,
      diagnostics: diagnosis?.['x-ms-diagnostics'] ?? diagnosis?.['error_description'],
      recovery: report.recovery,
      requests: report.requests,
      durationMs: report.durationMs,
      batch: order?.batch,
    });
  }
  return {
    user,
    outcome: disposition === 'defer' ? 'deferred' : 'failed',
    ...desired,
    ...schedule,
    ...explanation,
    ...effortOf(call, report),
  };
}

/**
 * Returns the outcome of a change whose claim expired before its end could be recorded. Another worker may have written
 * since, so the state that this one saw is left out.
 */
export function unrecordedOutcome(
  call: Invocation,
  subject: OutcomeSubject,
  { mayHaveWritten }: Pick<Progress, 'mayHaveWritten'>,
  seen: ChangeOutcome | undefined,
): DeferredOutcome {
  const event = 'The time to work for this user ran out before the outcome could be recorded.';
  const detail = mayHaveWritten ? `${event} ${mayBeMade}` : event;
  const kept =
    seen === undefined ? withoutSeen(call, subject) : isSuccess(seen) ? withoutReadings(seen) : seen;
  return { ...kept, outcome: 'deferred', code: 'interrupted', detail };
}

function withoutSeen({ correlationId }: Invocation, { user, desired, schedule }: OutcomeSubject) {
  return { ...withoutAttempt(user, correlationId), ...desired, ...schedule };
}

function withoutReadings({ verified: _verified, previous: _previous, ...rest }: SuccessOutcome) {
  return rest;
}

/** Ends the detail of an outcome with what becomes of its request, which only the code that decides it can tell. */
export function withNextStep<T extends { readonly detail: string }>(outcome: T, nextStep: string): T {
  return { ...outcome, detail: `${outcome.detail} ${nextStep}` };
}

/** What to do about a request that another one overtook. */
export const sendIfItIsToCount =
  'Nothing needs to be done; if this one is the one that counts, send it again.';

/** Returns the outcome of a request that a newer one overtook. An earlier attempt of it may have written before. */
export function supersededOutcome(
  { correlationId }: Pick<Invocation, 'correlationId'>,
  { user, desired, schedule }: OutcomeSubject,
  newest: RequestOrder | undefined,
): RefusedOutcome {
  const newer =
    newest === undefined
      ? 'A newer request for this user'
      : `A newer request for this user, of ${formatTime(newest.effectiveAtMs)} (batch "${newest.batch}"),`;
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'superseded',
    ...desired,
    ...schedule,
    code: 'superseded',
    detail: `${newer} replaced this one, so nothing more is written for it. ${sendIfItIsToCount}`,
  };
}

/** Returns the property of an outcome that lists its warnings; none where there are none. */
export function warningsOf(warnings: readonly Warning[]): { warnings?: readonly Warning[] } {
  return warnings.length === 0 ? {} : { warnings };
}

/** Returns what an outcome records of the effort of its attempt. */
export function effortOf(
  { correlationId }: Invocation,
  { attempts, recovery, requests }: AttemptReport<unknown>,
): Pick<Outcome, 'attempts' | 'recovery' | 'requests' | 'correlationId'> {
  return { attempts, recovery, requests, correlationId };
}
