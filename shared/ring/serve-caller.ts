import { formatTime } from '../runtime/format-time.ts';
import type { SipUri } from '../ucwa/uri.ts';
import { deferralDelayMs } from './batch/deferral-delay.ts';
import { triedAgain } from './batch/endings.ts';
import { callerBatch, callerSource } from './batch/own-batch.ts';
import { submit } from './batch/submit.ts';
import type { DesiredRing } from './model/desired-ring.ts';
import { type DeferredOutcome, type Outcome, withoutAttempt } from './model/outcome.ts';
import type { RingState } from './model/ring-state.ts';
import type { Invocation, RingDeps } from './ports/deps.ts';
import type { CallerBudget } from './user/attempt-under-claim.ts';
import { type OutcomeSubject, withNextStep } from './user/change-outcome.ts';
import { type ChangeRequest, changeRing, type NotEnded, readRing, type Tried } from './user/change-ring.ts';

/** A change that a caller over HTTP waits for. */
export interface CallerChange {
  readonly user: SipUri;
  readonly desired: DesiredRing;
  readonly dryRun: boolean;
  /** What the caller says of itself. */
  readonly source?: string | undefined;
}

/** What a caller's request adds to its outcome. */
export interface RequestShown {
  readonly source?: string;
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
  /** Continues in the queue, as this batch. */
  | { readonly kind: 'deferred'; readonly outcome: DeferredOutcome & RequestShown; readonly batch: string };

export type ReadServed = Served | { readonly kind: 'read'; readonly state: RingState };

const busyPollMs = 250;
const retryAfterSeconds = 30;

/**
 * Changes a ring while a caller waits. A change that cannot be done within the budget continues in the queue, as a batch
 * of one entry that exists before this returns. Throws StorageUnavailableError where it cannot even be deferred.
 */
export async function changeForCaller(
  deps: RingDeps,
  call: Invocation,
  request: CallerChange,
): Promise<ChangeServed> {
  const requestedAtMs = deps.clock.nowMs();
  const batch = callerBatch(deps.newId());
  const change = { ...request, order: { requestedAtMs, batch, part: 0, entry: 0 } };
  const tried = await withinBudget(deps, call, (budget) => changeRing(deps, call, { ...change, budget }));
  const shown = requestShown(request.source, requestedAtMs);
  if (tried.kind === 'ended') return { kind: 'ended', outcome: { ...tried.outcome, ...shown } };
  const requiresOperator = tried.kind === 'deferred' && tried.requiresOperator;
  if (request.dryRun || requiresOperator) return unavailable(deps, call, request, tried);
  const outcome = await defer(deps, call, change, tried);
  return { kind: 'deferred', outcome: { ...outcome, ...shown }, batch };
}

function requestShown(source: string | undefined, requestedAtMs: number): RequestShown {
  return { ...(source === undefined ? {} : { source }), requestedAt: formatTime(requestedAtMs) };
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
  { user, desired }: OutcomeSubject,
  tried: NotEnded,
): DeferredOutcome {
  if (tried.kind === 'deferred') return tried.outcome;
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'deferred',
    ...desired,
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
  request: ChangeRequest,
  tried: NotEnded,
): Promise<DeferredOutcome> {
  const { user, desired, order, dryRun, source = callerSource } = request;
  const attempts = tried.kind === 'deferred' && tried.countsAsAttempt ? 1 : 0;
  const untilMs = notBeforeMs(tried);
  const delayMs =
    untilMs === undefined ? deferralDelayMs(0, deps.random) : Math.max(1_000, untilMs - deps.clock.nowMs());
  const outcome = {
    ...withNextStep(deferredOutcome(call, request, tried), triedAgain),
    nextTryAt: formatTime(deps.clock.nowMs() + delayMs),
  };
  const submitted = await submit(deps, call, {
    batch: order.batch,
    source,
    requestedAtMs: order.requestedAtMs,
    dryRun,
    entries: [{ user: user.slice('sip:'.length), ...desired, entry: order.entry, attempts }],
    outcome,
    delayMs,
  });
  if (!submitted.ok) throw new Error(`The batch ${order.batch} is already used for different content.`);
  return outcome;
}
