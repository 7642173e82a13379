import type { SipUri } from '../ucwa/uri.ts';
import { type BulkMessageToSend, bulkMessage, bulkSchema, formatBulkMessage } from './bulk-message.ts';
import { type BulkRules, planBulk } from './bulk-work.ts';
import {
  type Changed,
  type ChangeRequest,
  changeRing,
  type RingParts,
  type RingRead,
  readRing,
} from './change-ring.ts';
import { deferralDelayMs } from './deferral.ts';
import type { Ledger } from './ledger.ts';
import type { Outcome } from './outcome.ts';
import type { Queues } from './queues.ts';
import type { Wish } from './wish.ts';

/** What it takes to serve a caller who waits. */
export interface NowParts extends RingParts {
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly rules: BulkRules;
  /** How long a caller waits before the change goes to the queue. */
  readonly budgetMs: number;
}

export interface NowRequest {
  readonly user: SipUri;
  readonly wish: Wish;
  readonly dryRun: boolean;
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

export type ChangedNow =
  | { readonly kind: 'ended'; readonly outcome: Outcome }
  /** It goes on in the queue, as this batch. */
  | { readonly kind: 'deferred'; readonly outcome: Outcome; readonly batch: string }
  /** It could not be done now and will not be tried again. */
  | { readonly kind: 'unavailable'; readonly outcome: Outcome; readonly retryAfterSeconds: number };

const busyPollMs = 250;
const retryAfterSeconds = 30;

/**
 * Makes a wish so while a caller waits; what cannot be done within the budget goes on in the queue, as a batch of one
 * entry that exists before this returns. Throws StorageUnavailableError where not even that is possible.
 */
export async function changeRingNow(parts: NowParts, request: NowRequest): Promise<ChangedNow> {
  const startedMs = parts.clock.nowMs();
  const batch = `http-${parts.newId()}`;
  const change = { ...request, order: { requestedAtMs: startedMs, batch, part: 0, entry: 0 } };
  const changed = await withinBudget(parts, request.signal, (within) =>
    changeRing(parts, { ...change, ...within }),
  );
  if (changed.kind === 'ended') return changed;
  const outcome = changed.kind === 'busy' ? busyOutcome(request) : changed.outcome;
  const isHopeless = changed.kind === 'deferred' && changed.needsPeople;
  if (request.dryRun || isHopeless) {
    return { kind: 'unavailable', outcome, retryAfterSeconds: waitSeconds(parts, changed) };
  }
  await defer(parts, change, changed, outcome);
  return { kind: 'deferred', outcome, batch };
}

/** Reads what is set while a caller waits. */
export async function readRingNow(
  parts: NowParts,
  request: { user: SipUri; correlationId: string; signal: AbortSignal },
): Promise<RingRead> {
  return await withinBudget(parts, request.signal, (within) => readRing(parts, { ...request, ...within }));
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
  { user, wish, order, dryRun }: ChangeRequest,
  changed: Changed,
  outcome: Outcome,
): Promise<void> {
  const { batch, part, entry, requestedAtMs } = order;
  const words = { user: user.slice('sip:'.length), ...wish };
  const attempts = changed.kind === 'deferred' && changed.countsAsAttempt ? 1 : 0;
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
    changed.kind === 'busy'
      ? Math.max(1_000, changed.untilMs - parts.clock.nowMs())
      : deferralDelayMs(0, parts.random);
  await enter(parts, message, outcome);
  await parts.queues.sendBulk(formatBulkMessage(message), delayMs);
}

/** The batch exists before its caller hears of it. */
async function enter(
  { ledger, rules }: NowParts,
  message: BulkMessageToSend & { requestedAt: string },
  outcome: Outcome,
): Promise<void> {
  const sent = bulkMessage.parse(message);
  const requestedAtMs = Date.parse(message.requestedAt);
  const { batch } = sent;
  const { entries } = planBulk(sent, requestedAtMs, rules, outcome.correlationId);
  await ledger.registerBatch(batch, requestedAtMs);
  await ledger.insertEntries(
    { batch, part: sent.part },
    entries.map((entry) => ({ ...entry, outcome })),
  );
  const record = {
    part: sent.part,
    parts: 1,
    entries: 1,
    requestedAtMs,
    counts: { deferred: 1 },
    finished: false,
    source: 'http',
  };
  await ledger.writePart(batch, record, undefined);
}

function waitSeconds({ clock }: NowParts, changed: Changed): number {
  return changed.kind === 'busy'
    ? Math.max(1, Math.ceil((changed.untilMs - clock.nowMs()) / 1000))
    : retryAfterSeconds;
}

function busyOutcome({ user, wish, correlationId }: NowRequest): Outcome {
  return {
    user,
    outcome: 'deferred',
    ...wish,
    attempts: 0,
    recovery: [],
    requests: 0,
    correlationId,
    code: 'ucwa-unavailable',
    detail: 'Another request for this user is at work.',
  };
}
