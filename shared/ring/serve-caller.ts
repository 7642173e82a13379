import { deferralDelayMs } from './batch/deferral-delay.ts';
import { type BulkMessageToSend, bulkMessageSchema, bulkSchema, formatBulkMessage } from './batch/message.ts';
import { planMessage, type RequestRules } from './batch/plan.ts';
import type { DesiredRing, RingState } from './model/desired-ring.ts';
import type { Outcome } from './model/outcome.ts';
import type { Ledger } from './ports/ledger.ts';
import type { Queues } from './ports/queues.ts';
import { type Asked, nothingDone } from './user/change-outcome.ts';
import {
  type Changed,
  type ChangeRequest,
  changeRing,
  type ReadRequest,
  type RingParts,
  readRing,
} from './user/change-ring.ts';

/** What it takes to serve a caller who waits. */
export interface NowParts extends RingParts {
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly rules: RequestRules;
  /** How long a caller waits before the change goes to the queue. */
  readonly budgetMs: number;
}

/** Work for one person whose caller waits: until when follows from the budget. */
type ReadNowRequest = Omit<ReadRequest, 'deadlineMs'>;

export interface NowRequest extends ReadNowRequest {
  readonly desired: DesiredRing;
  readonly dryRun: boolean;
}

/** What a caller hears of what is over. */
export type EndedNow =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** It could not be done now and will not be tried again. */
  | { readonly kind: 'unavailable'; readonly outcome: Outcome; readonly retryAfterSeconds: number };

export type ChangedNow =
  | EndedNow
  /** It goes on in the queue, as this batch. */
  | { readonly kind: 'deferred'; readonly outcome: Outcome; readonly batch: string };

export type ReadNow = EndedNow | { readonly kind: 'read'; readonly state: RingState };

const busyPollMs = 250;
const retryAfterSeconds = 30;

/**
 * Makes a desired so while a caller waits; what cannot be done within the budget goes on in the queue, as a batch of one
 * entry that exists before this returns. Throws StorageUnavailableError where not even that is possible.
 */
export async function changeForCaller(parts: NowParts, request: NowRequest): Promise<ChangedNow> {
  const startedMs = parts.clock.nowMs();
  const batch = `http-${parts.newId()}`;
  const change = { ...request, order: { requestedAtMs: startedMs, batch, part: 0, entry: 0 } };
  const changed = await withinBudget(parts, request.signal, (within) =>
    changeRing(parts, { ...change, ...within }),
  );
  if (changed.kind === 'ended') return changed;
  const isHopeless = changed.kind === 'deferred' && changed.requiresOperator;
  if (request.dryRun || isHopeless) return unavailable(parts, request, changed);
  const outcome = outcomeNow(request, changed);
  await defer(parts, change, changed, outcome);
  return { kind: 'deferred', outcome, batch };
}

/** Reads what is set while a caller waits. Throws StorageUnavailableError. */
export async function readForCaller(parts: NowParts, request: ReadNowRequest): Promise<ReadNow> {
  const found = await withinBudget(parts, request.signal, (within) =>
    readRing(parts, { ...request, ...within }),
  );
  return found.kind === 'read' || found.kind === 'ended' ? found : unavailable(parts, request, found);
}

/** What was not ended within the budget. */
type NotEnded = Exclude<Changed, { kind: 'ended' }>;

function unavailable({ clock }: NowParts, asked: Asked, tried: NotEnded): EndedNow {
  const seconds =
    tried.kind === 'busy'
      ? Math.max(1, Math.ceil((tried.untilMs - clock.nowMs()) / 1000))
      : retryAfterSeconds;
  return { kind: 'unavailable', outcome: outcomeNow(asked, tried), retryAfterSeconds: seconds };
}

function outcomeNow(asked: Asked, tried: NotEnded): Outcome {
  if (tried.kind === 'deferred') return tried.outcome;
  return {
    ...nothingDone(asked),
    code: 'ucwa-unavailable',
    detail:
      tried.kind === 'busy' ? 'Another request for this user is at work.' : 'Too many others are at work.',
  };
}

/** A little of the budget is kept for cleaning up, recording and deferring. */
async function withinBudget<T extends { kind: string }>(
  { clock, budgetMs }: NowParts,
  signal: AbortSignal,
  work: (within: { signal: AbortSignal; deadlineMs: number }) => Promise<T>,
): Promise<T> {
  const workMs = budgetMs * 0.75;
  const deadlineMs = clock.nowMs() + workMs;
  const timeout = clock.timeout(workMs);
  const under = AbortSignal.any([signal, timeout.signal]);
  try {
    for (;;) {
      const done = await work({ signal: under, deadlineMs });
      if (done.kind !== 'busy' || clock.nowMs() + busyPollMs >= deadlineMs) return done;
      const isStopped = await clock.sleep(busyPollMs, signal).then(
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
  parts: NowParts,
  { user, desired, order, dryRun }: ChangeRequest,
  tried: NotEnded,
  outcome: Outcome,
): Promise<void> {
  const { batch, part, entry, requestedAtMs } = order;
  const words = { user: user.slice('sip:'.length), ...desired };
  const attempts = tried.kind === 'deferred' && tried.countsAsAttempt ? 1 : 0;
  const message = {
    schema: bulkSchema,
    batch,
    part,
    parts: 1,
    source: 'http',
    requestedAt: new Date(requestedAtMs).toISOString(),
    dryRun,
    entries: [{ ...words, entry, attempts }],
  } as const;
  const delayMs =
    tried.kind === 'busy'
      ? Math.max(1_000, tried.untilMs - parts.clock.nowMs())
      : deferralDelayMs(0, parts.random);
  // Sent first: what only the ledger knew would stay deferred for ever.
  await parts.queues.sendBulk(formatBulkMessage(message), delayMs);
  await enterBatch(parts, message, outcome);
}

/** The batch exists before its caller hears of it. */
async function enterBatch(
  { ledger, rules }: NowParts,
  message: BulkMessageToSend & { requestedAt: string },
  outcome: Outcome,
): Promise<void> {
  const sent = bulkMessageSchema.parse(message);
  const requestedAtMs = Date.parse(message.requestedAt);
  const { batch } = sent;
  const { entries, digest } = planMessage({ ...sent, generation: sent.hop }, rules, outcome.correlationId);
  await ledger.registerBatch(batch, requestedAtMs);
  await ledger.insertEntries(
    { batch, part: sent.part },
    entries.map((entry) => ({ ...entry, outcome })),
  );
  const record = {
    part: sent.part,
    parts: 1,
    entries: 1,
    digest,
    requestedAtMs,
    enteredAtMs: requestedAtMs,
    counts: { deferred: 1 },
    finished: false,
    source: 'http',
  };
  await ledger.writePart(batch, record, undefined);
}
