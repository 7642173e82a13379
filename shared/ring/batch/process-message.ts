import * as z from 'zod';
import type { ValidationIssue } from '../model/validation.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { StorageUnavailableError } from '../ports/storage-error.ts';
import { deferralDelayMs } from './deferral-delay.ts';
import {
  type BulkMessage,
  batchNameSchema,
  bulkMessageSchema,
  decodeContent,
  parseBulkMessage,
} from './message.ts';
import { finishPart } from './part-finish.ts';
import { openPart } from './part-open.ts';
import { digestOf, planMessage, type RequestRules } from './plan.ts';
import { BulkRun, lastDeliveriesFrom, type RunParts } from './run.ts';
import { formatRefusal } from './summary.ts';

/** What bulk processing needs. */
export interface BulkParts extends RunParts {
  readonly rules: RequestRules;
}

/** A message as the queue delivered it. */
export interface Delivery {
  readonly content: unknown;
  /** To the second, as queues tell it: it may have been up to 999 ms later. */
  readonly enqueuedAtMs: number;
  /** How often it was delivered, this time included. */
  readonly dequeueCount: number;
  readonly correlationId: string;
  /** Aborted when the instance is about to stop: nothing is begun any more. */
  readonly signal: AbortSignal;
}

/**
 * Works through one message: each entry ends in one outcome in the ledger, or goes on in a new message. Returns when
 * the message may be deleted; throws StorageUnavailableError or StoppedError where it must come back.
 */
export async function processMessage(parts: BulkParts, delivery: Delivery): Promise<void> {
  const parsed = parseBulkMessage(delivery.content);
  if ('mistakes' in parsed) return await poison(parts, delivery, parsed.mistakes);
  const message = parsed.value;
  const askedAtMs = resolveRequestedAt(message, delivery, parts.clock.nowMs());
  try {
    await workOff(parts, delivery, message, askedAtMs);
  } catch (error) {
    const isLast = delivery.dequeueCount >= lastDeliveriesFrom;
    const isInTime = parts.clock.nowMs() - askedAtMs < parts.giveUpAfterMs;
    if (!(error instanceof StorageUnavailableError && isLast && isInTime)) throw error;
    await beginAnew(parts, delivery, message, askedAtMs);
  }
}

async function workOff(
  parts: BulkParts,
  delivery: Delivery,
  message: BulkMessage,
  askedAtMs: number,
): Promise<void> {
  const plan = planMessage(message, parts.rules, delivery.correlationId);
  const { refused, items, ...opened } = await openPart(parts, message, askedAtMs, plan);
  if (refused.length > 0) await tellRefused(parts, delivery, message, refused);
  await new BulkRun(parts, { ...delivery, ...opened, message }).process(items);
  await opened.writer.flush();
  await finishPart(parts, message);
}

/**
 * The tables were away all the time: the host would poison the message next, and nobody could record its end. So it
 * begins anew, as it is, with no deliveries counted, until the hours to try are over.
 */
async function beginAnew(
  { queues, log, random }: BulkParts,
  { correlationId }: Delivery,
  message: BulkMessage,
  askedAtMs: number,
): Promise<void> {
  const { batch, part } = message;
  log({ event: 'message-begun-anew', level: 'error', correlationId, batch, part });
  const requestedAt = new Date(askedAtMs).toISOString();
  // What is default stays away: a message that came nearly full must fit again.
  const told = Object.entries({ ...message, requestedAt }).filter(
    ([, value]) => value !== 0 && value !== false,
  );
  await queues.sendBulk(JSON.stringify(Object.fromEntries(told)), deferralDelayMs(1, random));
}

/**
 * A sender's clock that runs ahead must not outrank all that follows: no time later than the enqueuing counts. Of that,
 * queues tell the second only. Within it a time that the sender told is believed, and a message without one counts as
 * late as it can have been sent: whatever ended before it was sent is older, whatever begins after its run is newer.
 */
function resolveRequestedAt({ requestedAt }: BulkMessage, { enqueuedAtMs }: Delivery, nowMs: number): number {
  const latestMs = enqueuedAtMs + 999;
  const askedMs = requestedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(requestedAt);
  return askedMs <= latestMs ? askedMs : Math.max(enqueuedAtMs, Math.min(latestMs, nowMs));
}

/** The name of its batch, where it has one, for the log. */
const namedForm = z.object({ batch: batchNameSchema });

async function poison(
  { queues, log }: BulkParts,
  { content, correlationId }: Delivery,
  mistakes: readonly ValidationIssue[],
): Promise<void> {
  const ours = mistakes.filter(isAboutOurs);
  const others = mistakes.length - ours.length;
  const reasons = [
    ...ours.map(({ pointer, detail }) => `${pointer || '/'}: ${detail}`),
    ...(others > 0 ? [`/: It has properties that a bulk message has not (${others}).`] : []),
  ];
  const named = namedForm.safeParse(decodeContent(content));
  log({ event: 'message-poisoned', level: 'error', correlationId, ...named.data, reasons });
  await queues.sendPoison(isSendable(content) ? content : JSON.stringify(content));
}

/** What properties of others are called is not for a log: a sender may have put anything there. */
function isAboutOurs({ pointer }: ValidationIssue): boolean {
  const [, property] = pointer.split('/');
  return property === undefined || Object.hasOwn(bulkMessageSchema.shape, property);
}

/** A queue carries XML, which has no room for most control characters. */
function isSendable(content: unknown): content is string {
  return typeof content === 'string' && /^[\t\n\r\u0020-\uFFFD]*$/.test(content) && content.isWellFormed();
}

/** The sender hears of entries that a batch of the same name has other content for; the ledger keeps the first. */
async function tellRefused(
  { queues, log }: BulkParts,
  { correlationId }: Delivery,
  { batch, part }: BulkMessage,
  refused: readonly LedgerEntry[],
): Promise<void> {
  log({ event: 'batch-exists', level: 'warn', correlationId, batch, part, entries: refused.length });
  const digest = digestOf(refused.map((entry) => entry.digest));
  await queues.sendResults(formatRefusal({ batch, part }, refused, digest));
}
