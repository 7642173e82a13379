import { formatTime } from '../../runtime/format-time.ts';
import { formatJson } from '../../runtime/nested-json.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import type { LedgerEntry } from '../ports/ledger.ts';
import { StorageUnavailableError } from '../ports/storage-error.ts';
import { deferralDelayMs } from './deferral-delay.ts';
import { lastDeliveriesFrom } from './endings.ts';
import { digestOf } from './message/digest.ts';
import { maxGeneration } from './message/envelope.ts';
import { formatCompactMessage, parseQueuedMessage, type QueuedMessage } from './message/message.ts';
import { rejectMessage } from './message/rejected-message.ts';
import { refuseIfTooOld } from './message/too-old.ts';
import { undoSchema } from './message/undo-message.ts';
import type { UnreadableMessage } from './message/unreadable-message.ts';
import { finishPart } from './part/finish.ts';
import { openPart } from './part/open.ts';
import { type MessagePlan, planMessage } from './plan.ts';
import { asRequeued, requeue } from './requeue.ts';
import { BulkRun } from './run.ts';
import { waitMs } from './schedule.ts';
import { formatRefusal } from './summary.ts';
import { planUndo } from './undo/plan-undo.ts';
import { dueAtMsOf, type WorkItem } from './work-item.ts';

/** A message as the queue delivered it. */
export interface Delivery {
  readonly content: unknown;
  /** The queue's own id of the message, if the host gives it. */
  readonly messageId?: string | undefined;
  /** In whole seconds, as queues record it: the true time may be up to 999 ms later. */
  readonly enqueuedAtMs: number;
  /** How often it was delivered, this time included. */
  readonly dequeueCount: number;
}

/**
 * Processes one message: each entry ends in one outcome in the ledger, or continues in a new message. What is not a bulk
 * message ends as a rejected message of the batch that it names, or else in the poison queue. Returns when the message may
 * be deleted; throws StorageUnavailableError or StoppedError where it must come back.
 */
export async function processMessage(deps: RingDeps, call: Invocation, delivery: Delivery): Promise<void> {
  const parsed = parseQueuedMessage(delivery.content);
  if (!parsed.ok) return await endUnreadable(deps, call, delivery, parsed.error);
  const message = parsed.value;
  const requestedAtMs = resolveRequestedAt(message, delivery, deps.clock.nowMs());
  const plan = planOf(deps, call, message, requestedAtMs);
  try {
    await processPlanned(deps, call, delivery, { message, requestedAtMs, plan });
  } catch (error) {
    const isLast = delivery.dequeueCount >= lastDeliveriesFrom;
    const isInTime = deps.clock.nowMs() - lastDueMs(plan.items, requestedAtMs) < deps.limits.giveUpAfterMs;
    if (!(error instanceof StorageUnavailableError && isLast && isInTime)) throw error;
    await startAnew(deps, call, message, requestedAtMs);
  }
}

function planOf(
  { rules }: RingDeps,
  { correlationId }: Invocation,
  message: QueuedMessage,
  requestedAtMs: number,
): MessagePlan {
  return message.schema === undoSchema
    ? planUndo(message)
    : planMessage(message, requestedAtMs, rules, correlationId);
}

/** The time of a message, and what it asks for. */
interface Planned {
  readonly message: QueuedMessage;
  readonly requestedAtMs: number;
  readonly plan: MessagePlan;
}

async function processPlanned(
  deps: RingDeps,
  call: Invocation,
  delivery: Delivery,
  planned: Planned,
): Promise<void> {
  const { message, requestedAtMs, plan } = planned;
  const { enqueuedAtMs, dequeueCount } = delivery;
  if (await isPostponed(deps, planned)) return;
  const tooOld = await refuseIfTooOld(deps, message, { requestedAtMs, enqueuedAtMs });
  if (tooOld !== undefined) return await endUnreadable(deps, call, delivery, tooOld);
  const part = await openPart(deps, call, message, requestedAtMs, plan);
  if (part === 'foreign') return await reportRefused(deps, call, message, plan.entries);
  const { refused, items, hasSummary, by, ...opened } = part;
  if (refused.length > 0) await reportRefused(deps, call, message, refused);
  await new BulkRun(deps, { ...call, by }, { ...opened, message, hasSummary, dequeueCount }).process(items);
  await opened.writer.flush();
  await finishPart(deps, message, { hasSummary });
}

/**
 * Sends on a message of ours that was delivered before anything of it is due, without a change in the ledger: its
 * visibility ends after some days at the latest. Returns false where there is something to do.
 */
async function isPostponed(
  { clock, ledger, queues }: RingDeps,
  { message, requestedAtMs, plan }: Planned,
): Promise<boolean> {
  const { generation, dryRun, batch } = message;
  const nowMs = clock.nowMs();
  const isWaiting = (item: WorkItem) => dueAtMsOf(item, requestedAtMs) > nowMs;
  if (generation === 0 || generation >= maxGeneration || dryRun || !plan.items.every(isWaiting)) return false;
  if (plan.items.length < plan.entries.length) return false;
  if ((await ledger.readBatch(batch))?.cancelled === true) return false;
  const delayMs = waitMs(lastDueMs(plan.items, requestedAtMs), nowMs);
  const options = { requestedAtMs, delayMs, isDeferral: false };
  await requeue(queues, message, plan.items.map(asRequeued), options);
  return true;
}

/** When the last item of a message is due. */
function lastDueMs(items: readonly WorkItem[], requestedAtMs: number): number {
  return items.reduce((last, item) => Math.max(last, dueAtMsOf(item, requestedAtMs)), requestedAtMs);
}

/**
 * Sends the message anew, with no deliveries counted, where the tables did not answer during all of them: the host would
 * poison it next, and no outcome could be recorded. Repeats until the time to try is over.
 */
async function startAnew(
  { queues, random }: RingDeps,
  { log, correlationId }: Invocation,
  message: QueuedMessage,
  requestedAtMs: number,
): Promise<void> {
  const { batch, part } = message;
  log({ event: 'message-begun-anew', level: 'error', correlationId, batch, part });
  // Compact: a message that came nearly full must fit again.
  const text = formatCompactMessage({ ...message, requestedAt: formatTime(requestedAtMs) });
  await queues.sendBulk(text, deferralDelayMs(1, random));
}

/**
 * Returns the time of a request, which decides whether it is newer than another. Queues record the enqueuing in whole
 * seconds, rounded down. A sender's own time counts up to the end of that second. Without one, or where it is later (a
 * clock that is ahead must not outrank later requests), the message counts as sent at the end of that second, or now if
 * that is earlier: whatever ended before the message was sent is then older.
 */
function resolveRequestedAt(message: QueuedMessage, { enqueuedAtMs }: Delivery, nowMs: number): number {
  const { requestedAt } = message;
  // An undo is sent before it is due.
  if (message.schema === undoSchema) return Date.parse(message.requestedAt);
  const latestMs = enqueuedAtMs + 999;
  const requestedAtMs = requestedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(requestedAt);
  return requestedAtMs <= latestMs ? requestedAtMs : Math.max(enqueuedAtMs, Math.min(latestMs, nowMs));
}

/** A message that names its batch ends there, where its sender finds it; any other in the poison queue. */
async function endUnreadable(
  deps: RingDeps,
  call: Invocation,
  delivery: Delivery,
  unreadable: UnreadableMessage,
): Promise<void> {
  const { named } = unreadable;
  if (named === undefined) await poison(deps, call, delivery, unreadable);
  else await rejectMessage(deps, call, delivery, unreadable, named);
}

async function poison(
  { queues }: RingDeps,
  { log, correlationId }: Invocation,
  { content }: Delivery,
  { reasons, batch }: UnreadableMessage,
): Promise<void> {
  log({
    event: 'message-poisoned',
    level: 'error',
    correlationId,
    ...(batch === undefined ? {} : { batch }),
    reasons,
  });
  await queues.sendPoison(isSendable(content) ? content : formatJson(content));
}

/** Queues carry XML, which excludes most control characters. */
function isSendable(content: unknown): content is string {
  return typeof content === 'string' && /^[\t\n\r\u0020-\uFFFD]*$/.test(content) && content.isWellFormed();
}

/** The ledger keeps the content that came first. A summary tells the sender of different content so. */
async function reportRefused(
  { queues }: RingDeps,
  { log, correlationId }: Invocation,
  { batch, part }: QueuedMessage,
  refused: readonly LedgerEntry[],
): Promise<void> {
  log({ event: 'batch-exists', level: 'warn', correlationId, batch, part, entries: refused.length });
  const digest = digestOf(refused.map((entry) => entry.digest));
  await queues.sendResults(formatRefusal({ batch, part }, refused, digest));
}
