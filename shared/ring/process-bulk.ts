import { createHash } from 'node:crypto';
import { type BulkMessage, parseBulkMessage } from './bulk-message.ts';
import { type BulkRules, planBulk, type WorkItem } from './bulk-work.ts';
import { type Changed, changeRing, type RingParts } from './change-ring.ts';
import { endedOutcome } from './claim.ts';
import { deferralDelayMs } from './deferral.ts';
import { finishPart } from './finish-part.ts';
import type { Ledger, LedgerEntry } from './ledger.ts';
import type { Places } from './limiter.ts';
import { openPart } from './open-part.ts';
import type { Outcome } from './outcome.ts';
import type { PartWriter } from './part-writer.ts';
import type { Queues } from './queues.ts';
import { formatRefusal } from './results.ts';
import { type SentOn, sendOn } from './send-on.ts';

/** What bulk processing needs besides. */
export interface BulkParts extends RingParts {
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly rules: BulkRules;
  /** Users in hand at once, over all messages of this instance: those at work, and those being made ready. */
  readonly inHand: Places;
  readonly maxAttempts: number;
  readonly giveUpAfterMs: number;
  /** How long one message may run before what is left goes on in another. */
  readonly sliceMs: number;
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

/** The instance stops; the message comes back when its lease ends. */
export class StoppedError extends Error {
  constructor() {
    super('The instance stops; the message comes back.');
    this.name = 'StoppedError';
  }
}

/** The host poisons what was delivered a hundred times without asking; the last five deliveries tell what is open. */
const lastDeliveries = 95;

/** How often a run looks whether its batch was cancelled. */
const cancelLookMs = 2_000;

/** Claims are short as a rule: who was busy is tried again after this, when the others are done. */
const secondLookMs = 1_000;

interface Run {
  readonly message: BulkMessage;
  readonly requestedAtMs: number;
  readonly delivery: Delivery;
  readonly writer: PartWriter;
  readonly endsAtMs: number;
  readonly deferred: (SentOn & { readonly outcome: Outcome })[];
  readonly busy: { readonly item: WorkItem; readonly untilMs: number }[];
  isCancelled: boolean;
  cancelLookAtMs: number;
}

/**
 * Works through one message: each entry ends in one outcome in the ledger, or goes on in a new message. Returns when
 * the message may be deleted; throws StorageUnavailableError or {@link StoppedError} where it must come back.
 */
export async function processBulk(parts: BulkParts, delivery: Delivery): Promise<void> {
  const parsed = parseBulkMessage(delivery.content);
  if ('mistakes' in parsed) return await poison(parts, delivery, parsed.mistakes);
  const message = parsed.value;
  const requestedAtMs = resolveRequestedAt(message, delivery, parts.clock.nowMs());
  const plan = planBulk(message, requestedAtMs, parts.rules, delivery.correlationId);
  const { writer, items, refused, isCancelled } = await openPart(parts, message, requestedAtMs, plan);
  if (refused.length > 0) await tellRefused(parts, delivery, message, refused);

  const nowMs = parts.clock.nowMs();
  const run: Run = {
    message,
    requestedAtMs,
    delivery,
    writer,
    endsAtMs: nowMs + parts.sliceMs,
    deferred: [],
    busy: [],
    isCancelled,
    cancelLookAtMs: nowMs + cancelLookMs,
  };
  await workOff(parts, run, items);
  await writer.flush();
  await finishPart(parts, message);
}

/** Ends every entry, or sends it on. */
async function workOff(parts: BulkParts, run: Run, items: readonly WorkItem[]): Promise<void> {
  if (run.delivery.dequeueCount >= lastDeliveries) return await endAll(parts, run, items, deliveredTooOften);
  const left = await workThrough(parts, run, items);
  const stillLeft = await tryBusyAgain(parts, run, left);
  if (run.delivery.signal.aborted) return await stop(run);
  if (run.isCancelled) return await endAll(parts, run, stillLeft, cancelled);
  if (stillLeft.length + run.busy.length + run.deferred.length === 0) return;
  await run.writer.refresh();
  await continueLater(parts, run, stillLeft);
  await deferRest(parts, run);
}

async function stop({ writer }: Run): Promise<void> {
  await writer.flush();
  throw new StoppedError();
}

/** Works on items, as many at once as there are places, until the run must end; answers with what was not begun. */
async function workThrough(
  parts: BulkParts,
  run: Run,
  items: readonly WorkItem[],
): Promise<readonly WorkItem[]> {
  const working = new Set<Promise<void>>();
  const defects: unknown[] = [];
  let begun = 0;
  for (const item of items) {
    if (!run.writer.isOpen(item.entry)) {
      begun += 1;
      continue;
    }
    const leave = await parts.inHand.enter();
    const isOver = await mustEnd(parts, run).catch((error: unknown) => defects.push(error) > 0);
    if (isOver || defects.length > 0) {
      leave();
      break;
    }
    begun += 1;
    const work: Promise<void> = workOn(parts, run, item)
      .catch((error: unknown) => void defects.push(error))
      .finally(() => {
        leave();
        working.delete(work);
      });
    working.add(work);
  }
  await Promise.all(working);
  if (defects.length > 0) throw defects[0];
  return items.slice(begun);
}

async function mustEnd({ clock, ledger }: BulkParts, run: Run): Promise<boolean> {
  const nowMs = clock.nowMs();
  if (nowMs >= run.cancelLookAtMs) {
    run.cancelLookAtMs = nowMs + cancelLookMs;
    run.isCancelled ||= (await ledger.readBatch(run.message.batch))?.cancelled === true;
  }
  return run.isCancelled || run.delivery.signal.aborted || nowMs >= run.endsAtMs;
}

async function workOn(parts: BulkParts, run: Run, item: WorkItem): Promise<void> {
  const { delivery, message } = run;
  const changed = await changeRing(parts, {
    user: item.user,
    wish: item.wish,
    order: item.order,
    dryRun: message.dryRun,
    correlationId: delivery.correlationId,
    signal: delivery.signal,
  });
  if (changed.kind === 'busy') return void run.busy.push({ item, untilMs: changed.untilMs });
  if (changed.kind === 'ended') return await run.writer.add(item.entry, changed.outcome);
  if (delivery.signal.aborted) return;
  await deferOrFail(parts, run, item, changed);
}

async function deferOrFail(
  parts: BulkParts,
  run: Run,
  item: WorkItem,
  { outcome, countsAsAttempt }: Extract<Changed, { kind: 'deferred' }>,
): Promise<void> {
  const attempts = item.attempts + (countsAsAttempt ? 1 : 0);
  const isTooLate = parts.clock.nowMs() - run.requestedAtMs >= parts.giveUpAfterMs;
  if (attempts >= parts.maxAttempts || isTooLate) {
    return await run.writer.add(item.entry, { ...outcome, outcome: 'failed' });
  }
  run.deferred.push({ item, outcome, attempts });
}

async function tryBusyAgain(
  parts: BulkParts,
  run: Run,
  left: readonly WorkItem[],
): Promise<readonly WorkItem[]> {
  if (run.busy.length === 0 || left.length > 0 || (await mustEnd(parts, run))) return left;
  try {
    await parts.clock.sleep(secondLookMs, run.delivery.signal);
  } catch {
    return left;
  }
  const again = run.busy.splice(0);
  const notBegun = new Set(
    await workThrough(
      parts,
      run,
      again.map(({ item }) => item),
    ),
  );
  run.busy.push(...again.filter(({ item }) => notBegun.has(item)));
  return left;
}

/** The time of this message is over: what was not begun goes on at once, in another. */
async function continueLater(parts: BulkParts, run: Run, left: readonly WorkItem[]): Promise<void> {
  const { requestedAtMs, message, writer } = run;
  const open = left.filter(({ entry }) => writer.isOpen(entry));
  const entries = open.map((item) => ({ item, attempts: item.attempts }));
  await sendOn(parts.queues, message, entries, { requestedAtMs, delayMs: 0, isDeferral: false });
}

/**
 * The new message is sent before the ledger says `deferred`: a crash between the two repeats work and loses none. What
 * a later message took over meanwhile is left to it.
 */
async function deferRest(parts: BulkParts, run: Run): Promise<void> {
  const { requestedAtMs, message, writer } = run;
  const busy = run.busy.filter(({ item }) => writer.isOpen(item.entry));
  const deferred = run.deferred.filter(({ item }) => writer.isOpen(item.entry));
  if (busy.length > 0) {
    const untilMs = Math.max(...busy.map((one) => one.untilMs));
    const delayMs = Math.max(1_000, untilMs - parts.clock.nowMs());
    const entries = busy.map(({ item }) => ({ item, attempts: item.attempts }));
    await sendOn(parts.queues, message, entries, { requestedAtMs, delayMs, isDeferral: false });
  }
  if (deferred.length === 0) return;
  const delayMs = deferralDelayMs(message.deferrals, parts.random);
  await sendOn(parts.queues, message, deferred, { requestedAtMs, delayMs, isDeferral: true });
  for (const { item, outcome } of deferred) await writer.add(item.entry, outcome);
}

/** Ends what is open; who ended already, as the user's record knows, keeps the true outcome. */
async function endAll(
  { users }: BulkParts,
  { writer, delivery, busy, deferred }: Run,
  items: readonly WorkItem[],
  ending: Pick<Outcome, 'outcome' | 'code' | 'detail'>,
): Promise<void> {
  const open = [...items, ...busy.map(({ item }) => item), ...deferred.map(({ item }) => item)];
  const { correlationId } = delivery;
  for (const { entry, user, wish, order } of open) {
    const known = endedOutcome((await users.read(user)).record, order);
    const effort = { attempts: 0, recovery: [], requests: 0, correlationId };
    await writer.add(entry, known ?? { user, ...ending, ...wish, ...effort });
  }
}

const cancelled = {
  outcome: 'cancelled',
  detail: 'Its batch was cancelled before this entry was done.',
} as const;

const deliveredTooOften = {
  outcome: 'failed',
  code: 'ucwa-unavailable',
  detail: 'The message was delivered too often without its end being reached; send this entry again.',
} as const;

async function poison(
  { queues, log }: BulkParts,
  { content, correlationId }: Delivery,
  mistakes: readonly { pointer: string; detail: string }[],
): Promise<void> {
  const reasons = mistakes.map(({ pointer, detail }) => `${pointer === '' ? '/' : pointer}: ${detail}`);
  log({ event: 'message-poisoned', level: 'error', correlationId, reasons });
  await queues.sendPoison(isSendable(content) ? content : JSON.stringify(content));
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
  const entries = refused.map(({ entry }) => entry);
  log({ event: 'batch-exists', level: 'warn', correlationId, batch, part, entries: entries.length });
  const digest = createHash('sha256')
    .update(JSON.stringify(refused.map((entry) => entry.digest)))
    .digest('base64url');
  await queues.sendResults(formatRefusal({ batch, part }, refused, digest.slice(0, 16)));
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
