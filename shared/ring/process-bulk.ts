import { type BulkMessage, formatBulkMessage, parseBulkMessage } from './bulk-message.ts';
import { type BulkRules, planBulk, type WorkItem } from './bulk-work.ts';
import { type Changed, changeRing, type RingParts } from './change-ring.ts';
import { deferralDelayMs } from './deferral.ts';
import { countOutcomes, type Ledger, type LedgerEntry, type PartKey } from './ledger.ts';
import type { Limiter } from './limiter.ts';
import { isFinal, type Outcome } from './outcome.ts';
import { PartWriter } from './part-writer.ts';
import type { Queues } from './queues.ts';
import { formatResults } from './results.ts';

/** What bulk processing needs besides. */
export interface BulkParts extends RingParts {
  readonly ledger: Ledger;
  readonly queues: Queues;
  readonly rules: BulkRules;
  /** Users at work at once, over all messages of this instance. */
  readonly limiter: Limiter;
  readonly maxAttempts: number;
  readonly giveUpAfterMs: number;
}

/** A message as the queue delivered it. */
export interface Delivery {
  readonly content: unknown;
  readonly enqueuedAtMs: number;
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

const secondLookMs = 1_000;

interface Run extends PartKey {
  readonly message: BulkMessage;
  readonly requestedAtMs: number;
  readonly delivery: Delivery;
  readonly writer: PartWriter;
  readonly deferred: DeferredItem[];
}

interface DeferredItem {
  readonly item: WorkItem;
  readonly outcome: Outcome | undefined;
  readonly attempts: number;
  /** Until when somebody else holds the user; undefined where the schedule decides. */
  readonly busyUntilMs: number | undefined;
}

/**
 * Works through one message: each entry ends in one outcome in the ledger, or goes on in a new message. Returns when
 * the message may be deleted; throws StorageUnavailableError where it must come back.
 */
export async function processBulk(parts: BulkParts, delivery: Delivery): Promise<void> {
  const parsed = parseBulkMessage(delivery.content);
  if ('mistakes' in parsed) return await poison(parts, delivery, parsed.mistakes);
  const message = parsed.value;
  const { batch, part } = message;
  const requestedAtMs = resolveRequestedAt(message, delivery);
  const plan = planBulk(message, requestedAtMs, parts.rules, delivery.correlationId);
  const stored = await parts.ledger.insertEntries({ batch, part }, plan.entries);
  const { ledger, clock } = parts;
  const writer = await PartWriter.open({ ledger, clock }, { batch, part }, stored, {
    ...(message.parts === undefined ? {} : { parts: message.parts }),
    ...(message.source === undefined ? {} : { source: message.source }),
    requestedAtMs,
  });

  const ended = new Set(stored.filter(isEnded).map(({ entry }) => entry));
  const run: Run = { batch, part, message, requestedAtMs, delivery, writer, deferred: [] };
  await workThrough(
    parts,
    run,
    plan.items.filter(({ entry }) => !ended.has(entry)),
  );
  await tryBusyAgain(parts, run);
  if (run.deferred.length > 0) await sendOn(parts, run);
  await writer.flush();
  await finishPart(parts, run);
}

async function poison(
  { queues, log }: BulkParts,
  { content, correlationId }: Delivery,
  mistakes: readonly { pointer: string; detail: string }[],
): Promise<void> {
  const reasons = mistakes.map(({ pointer, detail }) => `${pointer === '' ? '/' : pointer}: ${detail}`);
  log({ event: 'message-poisoned', level: 'error', correlationId, reasons });
  await queues.sendPoison(typeof content === 'string' ? content : JSON.stringify(content));
}

/** A sender's clock that runs ahead must not outrank all that follows: no time later than the enqueuing counts. */
function resolveRequestedAt({ requestedAt }: BulkMessage, { enqueuedAtMs }: Delivery): number {
  return requestedAt === undefined ? enqueuedAtMs : Math.min(Date.parse(requestedAt), enqueuedAtMs);
}

async function workThrough(parts: BulkParts, run: Run, items: readonly WorkItem[]): Promise<void> {
  const working = new Set<Promise<void>>();
  const defects: unknown[] = [];
  for (const item of items) {
    const leave = await parts.limiter.enter();
    if (defects.length > 0) {
      leave();
      break;
    }
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
}

/** Claims are short as a rule: who was busy gets another look when the others are done, before being sent on. */
async function tryBusyAgain(parts: BulkParts, run: Run): Promise<void> {
  const busy = run.deferred.filter(({ busyUntilMs }) => busyUntilMs !== undefined);
  if (busy.length === 0) return;
  const rest = run.deferred.filter(({ busyUntilMs }) => busyUntilMs === undefined);
  run.deferred.splice(0, run.deferred.length, ...rest);
  await parts.clock.sleep(secondLookMs, run.delivery.signal);
  await workThrough(
    parts,
    run,
    busy.map(({ item }) => item),
  );
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
  const outcome = endingOf(parts, run, item, changed);
  if (outcome !== undefined) await run.writer.add({ ...ledgerEntry(item), outcome });
}

/** The outcome to record now; undefined where the entry goes on in another message. */
function endingOf(parts: BulkParts, run: Run, item: WorkItem, changed: Changed): Outcome | undefined {
  if (changed.kind === 'ended') return changed.outcome;
  if (changed.kind === 'busy') {
    const { untilMs } = changed;
    run.deferred.push({ item, outcome: undefined, attempts: item.attempts, busyUntilMs: untilMs });
    return undefined;
  }
  const attempts = item.attempts + (changed.countsAsAttempt ? 1 : 0);
  const tooLate = parts.clock.nowMs() - run.requestedAtMs >= parts.giveUpAfterMs;
  if (attempts >= parts.maxAttempts || tooLate) return { ...changed.outcome, outcome: 'failed' };
  run.deferred.push({ item, outcome: changed.outcome, attempts, busyUntilMs: undefined });
  return undefined;
}

/** The new message is sent before the ledger says `deferred`: a crash between the two repeats work and loses none. */
async function sendOn(parts: BulkParts, run: Run): Promise<void> {
  const { deferred, message, requestedAtMs } = run;
  const onlyBusy = deferred.every(({ busyUntilMs }) => busyUntilMs !== undefined);
  const delayMs = onlyBusy
    ? Math.max(1_000, ...deferred.map(({ busyUntilMs = 0 }) => busyUntilMs - parts.clock.nowMs()))
    : deferralDelayMs(message.deferrals, parts.random);
  const entries = deferred.map(({ item, attempts }) => ({ ...item.words, entry: item.entry, attempts }));
  const text = formatBulkMessage({
    ...message,
    requestedAt: new Date(requestedAtMs).toISOString(),
    deferrals: message.deferrals + (onlyBusy ? 0 : 1),
    entries,
  });
  await parts.queues.sendBulk(text, delayMs);
  for (const { item, outcome } of deferred) {
    if (outcome !== undefined) await run.writer.add({ ...ledgerEntry(item), outcome });
  }
}

/**
 * Counts the part as the ledger has it, and sends the summary where all of it ended. Reading the part's etag before
 * its entries, and writing on that condition, makes the last of several workers the one that sees the whole.
 */
async function finishPart({ ledger, queues }: BulkParts, key: PartKey): Promise<void> {
  for (;;) {
    const part = await ledger.readPart(key);
    if (part === undefined || part.finished) return;
    const entries = await ledger.readEntries(key);
    const finished = entries.every(isEnded);
    if (finished) await queues.sendResults(formatResults(key, entries));
    const { etag, ...record } = part;
    const next = { ...record, entries: entries.length, counts: countOutcomes(entries), finished };
    if ((await ledger.writePart(key.batch, next, etag)) !== 'conflict') return;
  }
}

function isEnded({ outcome }: LedgerEntry): boolean {
  return outcome !== undefined && isFinal(outcome.outcome);
}

function ledgerEntry({ entry, user, words }: WorkItem): LedgerEntry {
  return { entry, user, ...(words.ref === undefined ? {} : { ref: words.ref }) };
}
