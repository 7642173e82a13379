import { formatTime } from '../../runtime/format-time.ts';
import type { DeferredOutcome } from '../model/outcome.ts';
import { formatIssue } from '../model/validation.ts';
import type { Queues } from '../ports/queues.ts';
import { type BulkEntry, parseBulkEntry } from './message/entry.ts';
import { maxGeneration } from './message/envelope.ts';
import { formatMessage, type QueuedMessage } from './message/message.ts';
import { splitToFit } from './message/split.ts';
import type { WorkItem } from './work-item.ts';

/** An entry that goes into a new message. */
export interface RequeuedEntry {
  readonly item: WorkItem;
  readonly attempts: number;
}

/** Returns the item of an entry. */
export function itemOf({ item }: { readonly item: WorkItem }): WorkItem {
  return item;
}

/** Returns an item for a new message, with no further attempt counted. */
export function asRequeued(item: WorkItem): RequeuedEntry {
  return { item, attempts: item.attempts };
}

/** An entry whose user another worker has claimed until `claimedUntilMs`, or for whom no slot was free. */
export interface WaitingEntry {
  readonly item: WorkItem;
  readonly claimedUntilMs?: number;
}

/** An entry that could not be done now. */
export interface DeferredEntry extends RequeuedEntry {
  readonly outcome: DeferredOutcome;
  /** Before this time another try would send nothing; undefined where the usual delay applies. */
  readonly notBeforeMs: number | undefined;
}

const minuteMs = 60_000;

/**
 * Groups deferred entries by the delay of their next message, in whole minutes where it is not the usual one. Their outcomes
 * then say when that message is due.
 */
export function delaysOf(
  deferred: readonly DeferredEntry[],
  nowMs: number,
  usualDelayMs: number,
): readonly { readonly delayMs: number; readonly entries: readonly DeferredEntry[] }[] {
  const groups = Map.groupBy(deferred, ({ notBeforeMs }) =>
    notBeforeMs === undefined
      ? usualDelayMs
      : Math.max(1, Math.ceil((notBeforeMs - nowMs) / minuteMs)) * minuteMs,
  );
  return [...groups].map(([delayMs, entries]) => {
    const nextTryAt = formatTime(nowMs + delayMs);
    return { delayMs, entries: entries.map((one) => ({ ...one, outcome: { ...one.outcome, nextTryAt } })) };
  });
}

export interface RequeueOptions {
  readonly requestedAtMs: number;
  readonly delayMs: number;
  /** True where entries could not be done; false where only the time or a slot was missing. */
  readonly isDeferral: boolean;
}

/**
 * Puts entries into messages of the next generation, as many as they need: our messages are base64, so the entries of a
 * plain JSON message may not fit into one. Throws an Error if they could not be read again, which is a defect.
 */
export async function requeue(
  queues: Queues,
  message: QueuedMessage,
  entries: readonly RequeuedEntry[],
  { requestedAtMs, delayMs, isDeferral }: RequeueOptions,
): Promise<void> {
  const envelope = {
    ...message,
    requestedAt: formatTime(requestedAtMs),
    generation: message.generation + 1,
    deferrals: Math.min(message.deferrals + (isDeferral ? 1 : 0), maxGeneration),
  };
  const properties = entries.map(({ item, attempts }) =>
    item.kind === 'change'
      ? readable({ ...item.properties, entry: item.entry, attempts })
      : { ...item.properties, attempts },
  );
  for (const some of splitToFit(envelope, properties)) {
    await queues.sendBulk(formatMessage({ ...envelope, entries: some }), delayMs);
  }
}

function readable(entry: BulkEntry): BulkEntry {
  const read = parseBulkEntry(entry);
  if (read.ok) return entry;
  throw new Error(`An entry of our own is not valid. ${read.error.map(formatIssue).join(' ')}`);
}
