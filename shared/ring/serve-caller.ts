import { formatTime } from '../runtime/format-time.ts';
import type { SipUri } from '../ucwa/uri.ts';
import { type CallersChange, enqueue, scheduleChange, sendUntil } from './batch/caller-change.ts';
import { deferralDelayMs } from './batch/deferral-delay.ts';
import { triedAgain } from './batch/endings.ts';
import { callerBatch } from './batch/own-batch.ts';
import type { DesiredRing, Schedule } from './model/desired-ring.ts';
import {
  type DeferredOutcome,
  type Outcome,
  type ScheduledOutcome,
  withoutAttempt,
} from './model/outcome.ts';
import { orderOf } from './model/request-order.ts';
import type { Invocation, RingDeps } from './ports/deps.ts';
import type { CallerBudget } from './user/attempt-under-claim.ts';
import { type OutcomeSubject, withNextStep } from './user/change-outcome.ts';
import { changeRing, type ReadState, readRing } from './user/change-ring.ts';
import type { NotEnded, Tried } from './user/tried.ts';

/** A change that a caller over HTTP waits for. */
export interface CallerChange {
  readonly user: SipUri;
  readonly desired: DesiredRing;
  readonly schedule?: Schedule;
  /** The time by which the schedule was judged; by default now. */
  readonly requestedAtMs?: number;
  readonly dryRun: boolean;
  /** What the caller says of itself. */
  readonly source?: string | undefined;
  /** True where nothing of it may go to the queue: what cannot be done now is not done. */
  readonly neverDeferred?: boolean;
}

/** What a caller's request adds to its outcome. */
export interface RequestShown {
  readonly source?: string;
  /** The identified caller. */
  readonly by?: string;
  /** In ISO 8601. */
  readonly requestedAt: string;
}

/** The end of a call. */
export type Served =
  | { readonly kind: 'ended'; readonly outcome: Outcome & Partial<RequestShown> }
  /** Not possible now, and not tried again by us. */
  | {
      readonly kind: 'unavailable';
      readonly outcome: DeferredOutcome;
      readonly retryAfterSeconds: number;
    };

export type ChangeServed =
  | Served
  /** Continues in the queue, as this batch: at once, or when it is due. */
  | {
      readonly kind: 'queued';
      readonly outcome: (DeferredOutcome | ScheduledOutcome) & RequestShown;
      readonly batch: string;
    };

export type ReadServed = Served | { readonly kind: 'read'; readonly state: ReadState };

const busyPollMs = 250;
const retryAfterSeconds = 30;

/**
 * Changes a ring while a caller waits. A change that cannot be done within the budget continues in the queue, as a batch
 * of one entry that exists before this returns, unless it is never deferred. Throws StorageUnavailableError where it cannot even be deferred.
 */
export async function changeForCaller(
  deps: RingDeps,
  call: Invocation,
  request: CallerChange,
): Promise<ChangeServed> {
  const { requestedAtMs = deps.clock.nowMs(), schedule = {}, dryRun, source, neverDeferred } = request;
  const batch = callerBatch(deps.newId());
  const order = orderOf({ batch, part: 0, entry: 0 }, requestedAtMs, schedule.from);
  const change = { ...request, schedule, requestedAtMs, order };
  const shown = requestShown(call, source, requestedAtMs);
  if (!dryRun && order.effectiveAtMs > deps.clock.nowMs()) {
    return { kind: 'queued', outcome: { ...(await scheduleChange(deps, call, change)), ...shown }, batch };
  }
  if (!dryRun) await sendUntil(deps, call, change);
  const tried = await withinBudget(deps, call, (budget) => changeRing(deps, call, { ...change, budget }));
  if (tried.kind === 'ended') return { kind: 'ended', outcome: { ...tried.outcome, ...shown } };
  const requiresOperator = tried.kind === 'deferred' && tried.requiresOperator;
  if (dryRun || requiresOperator || neverDeferred === true) return unavailable(deps, call, request, tried);
  const outcome = await defer(deps, call, change, tried);
  return { kind: 'queued', outcome: { ...outcome, ...shown }, batch };
}

function requestShown(
  { by }: Pick<Invocation, 'by'>,
  source: string | undefined,
  requestedAtMs: number,
): RequestShown {
  return {
    ...(source === undefined ? {} : { source }),
    ...(by === undefined ? {} : { by }),
    requestedAt: formatTime(requestedAtMs),
  };
}

/** Reads a ring state while a caller waits. Throws StorageUnavailableError. */
export async function readForCaller(deps: RingDeps, call: Invocation, user: SipUri): Promise<ReadServed> {
  const tried = await withinBudget(deps, call, async (budget) => {
    const read = await readRing(deps, call, { user, budget });
    return read.ok ? ({ kind: 'read', state: read.value } as const) : read.error;
  });
  if (tried.kind === 'read' || tried.kind === 'ended') return tried;
  return unavailable(deps, call, { user }, tried);
}

function unavailable(
  { clock }: RingDeps,
  call: Invocation,
  subject: OutcomeSubject,
  tried: NotEnded,
): Served {
  const untilMs = notBeforeMs(tried);
  const seconds =
    untilMs === undefined ? retryAfterSeconds : Math.max(1, Math.ceil((untilMs - clock.nowMs()) / 1000));
  const outcome = deferredOutcome(call, subject, tried);
  return {
    kind: 'unavailable',
    outcome: saysWhatToDo(outcome, tried)
      ? outcome
      : withNextStep(outcome, 'Trying again later may succeed.'),
    retryAfterSeconds: seconds,
  };
}

/** True where time alone does not help, and where the detail tells until when nothing is sent. */
function saysWhatToDo({ code }: DeferredOutcome, tried: NotEnded): boolean {
  return code === 'misconfigured' || (tried.kind === 'deferred' && tried.notBeforeMs !== undefined);
}

/** When another try can send something again; undefined where that is not known. */
function notBeforeMs(tried: NotEnded): number | undefined {
  if (tried.kind === 'busy') return tried.untilMs;
  return tried.kind === 'deferred' ? tried.notBeforeMs : undefined;
}

function deferredOutcome(
  { correlationId, signal }: Invocation,
  { user, desired, schedule }: OutcomeSubject,
  tried: NotEnded,
): DeferredOutcome {
  if (tried.kind === 'deferred') return tried.outcome;
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'deferred',
    ...desired,
    ...schedule,
    ...(signal.aborted ? stoppedWaiting : whyNotTried[tried.kind]),
  };
}

/** Why a request was not tried. */
const whyNotTried = {
  busy: { code: 'busy', detail: 'Another request for this user is in progress.' },
  'no-slot': {
    code: 'busy',
    detail: 'Too many other users are in progress. If this lasts, raise UCWA_CONCURRENCY.',
  },
} as const;

const stoppedWaiting = {
  code: 'interrupted',
  detail: 'The instance stopped while this waited for another request for the user.',
} as const;

/** Tries until the user is free or the time is up. A quarter of the budget is kept for cleaning up and deferring. */
async function withinBudget<T extends Tried | { readonly kind: 'read' }>(
  { clock, limits }: RingDeps,
  call: Invocation,
  work: (budget: CallerBudget) => Promise<T>,
): Promise<T> {
  const workMs = limits.httpBudgetMs * 0.75;
  const deadlineMs = clock.nowMs() + workMs;
  const timeout = clock.timeout(workMs);
  try {
    for (;;) {
      const done = await work({ deadlineMs, signal: timeout.signal });
      if (done.kind !== 'busy' || clock.nowMs() + busyPollMs >= deadlineMs) return done;
      const isStopped = await clock.sleep(busyPollMs, call.signal).then(
        () => false,
        () => true,
      );
      if (isStopped) return done;
    }
  } finally {
    timeout.stop();
  }
}

async function defer(
  deps: RingDeps,
  call: Invocation,
  request: CallersChange,
  tried: NotEnded,
): Promise<DeferredOutcome> {
  const attempts = tried.kind === 'deferred' && tried.countsAsAttempt ? 1 : 0;
  const untilMs = notBeforeMs(tried);
  const delayMs =
    untilMs === undefined ? deferralDelayMs(0, deps.random) : Math.max(1_000, untilMs - deps.clock.nowMs());
  const outcome = {
    ...withNextStep(deferredOutcome(call, request, tried), triedAgain),
    nextTryAt: formatTime(deps.clock.nowMs() + delayMs),
  };
  await enqueue(deps, call, request, { outcome, attempts, delayMs });
  return outcome;
}
