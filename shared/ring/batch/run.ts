import { runConcurrently } from '../../runtime/run-concurrently.ts';
import type { Slots } from '../../runtime/semaphore.ts';
import { type Outcome, untried } from '../model/outcome.ts';
import type { RequestOrder } from '../model/request-order.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Queues } from '../ports/queues.ts';
import type { UserRecord } from '../ports/user-store.ts';
import { superseded } from '../user/change-outcome.ts';
import { type Changed, changeRing, type RingParts } from '../user/change-ring.ts';
import { endedOutcome, isOvertaken, mayHaveWritten } from '../user/claim.ts';
import { type RequeuedEntry, requeue } from './continuation.ts';
import { deferralDelayMs } from './deferral-delay.ts';
import { busyTooLate, cancelled, deliveredTooOften, type EndedAs } from './endings.ts';
import type { BulkMessage } from './message.ts';
import type { PartWriter } from './part-writer.ts';
import type { WorkItem } from './plan.ts';

/** What working through a message takes. */
export interface RunParts extends RingParts {
  readonly ledger: Ledger;
  readonly queues: Queues;
  /** Users in hand at once, over all messages of this instance: those at work, and those being made ready. */
  readonly inFlight: Slots;
  readonly maxAttempts: number;
  readonly giveUpAfterMs: number;
  /** How long one message may run before what is left goes on in another. */
  readonly sliceMs: number;
}

/** A message that is entered in the ledger, and this delivery of it. */
export interface RunOf {
  readonly message: BulkMessage;
  readonly requestedAtMs: number;
  readonly writer: PartWriter;
  readonly isCancelled: boolean;
  /** How often the message was delivered, this time included. */
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

/** The host poisons what was delivered a hundred times without asking; from this delivery on, what is open is told. */
export const lastDeliveriesFrom = 95;

/** How often a run looks whether its batch was cancelled. */
const cancelLookMs = 2_000;

/** Claims are short as a rule: who was busy is tried again after these, when the others are done. */
const nextLooksMs = [1_000, 2_000, 4_000];

/** Whom somebody else was at work as, until when; or for whom there was no place. Both are tried after the others. */
interface Waiting {
  readonly item: WorkItem;
  readonly claimedUntilMs?: number;
}

interface Deferred extends RequeuedEntry {
  readonly outcome: Outcome;
}

/** One run of one message. It ends every entry, or sends it on. */
export class BulkRun {
  readonly #parts: RunParts;
  readonly #of: RunOf;
  readonly #endsAtMs: number;
  #deferred: Deferred[] = [];
  #waiting: Waiting[] = [];
  #isCancelled: boolean;
  #cancelLookAtMs: number;

  constructor(parts: RunParts, of: RunOf) {
    const nowMs = parts.clock.nowMs();
    this.#parts = parts;
    this.#of = of;
    this.#endsAtMs = nowMs + parts.sliceMs;
    this.#isCancelled = of.isCancelled;
    this.#cancelLookAtMs = nowMs + cancelLookMs;
  }

  /** Throws StorageUnavailableError, or {@link StoppedError}, where the message must come back. */
  async process(items: readonly WorkItem[]): Promise<void> {
    if (this.#of.dequeueCount >= lastDeliveriesFrom) return await this.#giveUpAll(items);
    let left = await this.#workThrough(items, () => this.#mustEnd());
    if (left.length === 0) await this.#tryWaitingAgain();
    if (this.#isCancelled && !this.#mustStop()) left = await this.#cancel(left);
    if (this.#mustStop()) return await this.#stop();
    await this.#sendRestOn(left);
  }

  /** Answers with what was not begun. */
  #workThrough(items: readonly WorkItem[], shouldStop: () => Promise<boolean>): Promise<readonly WorkItem[]> {
    return runConcurrently(items, {
      slots: this.#parts.inFlight,
      shouldStop,
      work: (item) => this.#workOn(item),
    });
  }

  #mustStop(): boolean {
    return this.#of.signal.aborted;
  }

  #isOver(): boolean {
    return this.#mustStop() || this.#parts.clock.nowMs() >= this.#endsAtMs;
  }

  async #mustEnd(): Promise<boolean> {
    const nowMs = this.#parts.clock.nowMs();
    if (nowMs >= this.#cancelLookAtMs) {
      this.#cancelLookAtMs = nowMs + cancelLookMs;
      this.#isCancelled ||= (await this.#parts.ledger.readBatch(this.#of.message.batch))?.cancelled === true;
    }
    return this.#isCancelled || this.#isOver();
  }

  async #workOn(item: WorkItem): Promise<void> {
    const { message, writer, correlationId, signal } = this.#of;
    if (!writer.isOpen(item.entry)) return;
    const { user, desired } = item;
    const { dryRun } = message;
    const order = this.#orderOf(item);
    const changed = await changeRing(this.#parts, { user, desired, order, dryRun, correlationId, signal });
    if (changed.kind === 'ended') return await writer.add(item.entry, changed.outcome);
    if (changed.kind === 'busy') this.#waiting.push({ item, claimedUntilMs: changed.untilMs });
    else if (changed.kind === 'no-place') this.#waiting.push({ item });
    else if (!this.#mustStop()) await this.#deferOrFail(item, changed);
  }

  async #deferOrFail(
    item: WorkItem,
    { outcome, countsAsAttempt }: Extract<Changed, { kind: 'deferred' }>,
  ): Promise<void> {
    const attempts = item.attempts + (countsAsAttempt ? 1 : 0);
    if (attempts >= this.#parts.maxAttempts || this.#isTooLate()) {
      await this.#of.writer.add(item.entry, { ...outcome, outcome: 'failed' });
    } else this.#deferred.push({ item, outcome, attempts });
  }

  #orderOf({ entry }: WorkItem): RequestOrder {
    const { message, requestedAtMs } = this.#of;
    return { requestedAtMs, batch: message.batch, part: message.part, entry };
  }

  #isTooLate(): boolean {
    return this.#parts.clock.nowMs() - this.#of.requestedAtMs >= this.#parts.giveUpAfterMs;
  }

  async #tryWaitingAgain(): Promise<void> {
    for (const lookMs of nextLooksMs) {
      if (this.#waiting.length === 0 || (await this.#mustEnd())) return;
      await this.#parts.clock.sleep(lookMs, this.#of.signal).catch(() => {});
      const again = this.#waiting.splice(0);
      const left = new Set(await this.#workThrough(again.map(itemOf), () => this.#mustEnd()));
      this.#waiting.push(...again.filter(({ item }) => left.has(item)));
    }
  }

  /** What was begun ends as it ends, the rest as cancelled. Answers with what was begun and there was no time for. */
  async #cancel(left: readonly WorkItem[]): Promise<readonly WorkItem[]> {
    const begun = await this.#endUnlessBegun(this.#open(left), cancelled);
    this.#waiting = this.#waiting.filter(({ item }) => begun.has(item));
    this.#deferred = this.#deferred.filter(({ item }) => begun.has(item));
    return await this.#workThrough(
      left.filter((item) => begun.has(item)),
      async () => this.#isOver(),
    );
  }

  async #giveUpAll(items: readonly WorkItem[]): Promise<void> {
    for (const item of await this.#endUnlessBegun(items, deliveredTooOften)) {
      await this.#end(item, deliveredTooOften);
    }
  }

  /**
   * Ends what is open. Who ended already, or was overtaken, as the user's record knows, has the true outcome; for whom
   * something may have been written, only another attempt can tell: these are answered.
   */
  async #endUnlessBegun(items: readonly WorkItem[], endedAs: EndedAs): Promise<ReadonlySet<WorkItem>> {
    const begun = new Set<WorkItem>();
    for (const item of items) {
      const { record } = await this.#parts.users.read(item.user);
      const known = this.#knownOutcome(record, item);
      if (known !== undefined) await this.#of.writer.add(item.entry, known);
      else if (mayHaveWritten(record, this.#orderOf(item))) begun.add(item);
      else await this.#end(item, endedAs);
    }
    return begun;
  }

  #knownOutcome(record: UserRecord, item: WorkItem): Outcome | undefined {
    const { message, correlationId } = this.#of;
    const order = this.#orderOf(item);
    const isSuperseded = !message.dryRun && isOvertaken(record, order);
    return isSuperseded ? superseded({ ...item, correlationId }) : endedOutcome(record, order);
  }

  async #end({ user, desired, entry }: WorkItem, endedAs: EndedAs): Promise<void> {
    await this.#of.writer.add(entry, { ...untried(user, this.#of.correlationId), ...endedAs, ...desired });
  }

  #open(left: readonly WorkItem[]): readonly WorkItem[] {
    return [...left, ...this.#waiting.map(itemOf), ...this.#deferred.map(itemOf)];
  }

  async #stop(): Promise<void> {
    await this.#of.writer.flush();
    throw new StoppedError();
  }

  /** What a later message took over meanwhile is left to it. */
  async #sendRestOn(left: readonly WorkItem[]): Promise<void> {
    if (this.#open(left).length === 0) return;
    const { writer } = this.#of;
    await writer.refresh();
    const isOpen = ({ item }: { readonly item: WorkItem }) => writer.isOpen(item.entry);
    await this.#sendOn(left.map(withoutAttempt).filter(isOpen), 0);
    await this.#sendWaitingOn(this.#waiting.filter(isOpen));
    await this.#defer(this.#deferred.filter(isOpen));
  }

  /** Where it is too late, who was busy and was never begun ends here; the others wait until the claims end. */
  async #sendWaitingOn(waiting: readonly Waiting[]): Promise<void> {
    const isBusy = ({ claimedUntilMs }: Waiting) => claimedUntilMs !== undefined;
    const busy = waiting.filter(isBusy).map(itemOf);
    const begun = this.#isTooLate() ? await this.#endUnlessBegun(busy, busyTooLate) : undefined;
    const left = waiting.filter((one) => begun === undefined || !isBusy(one) || begun.has(one.item));
    const untilMs = Math.max(...left.map(({ claimedUntilMs = 0 }) => claimedUntilMs));
    const delayMs = Math.max(1_000, untilMs - this.#parts.clock.nowMs());
    await this.#sendOn(left.map(itemOf).map(withoutAttempt), delayMs);
  }

  /** The new message is sent before the ledger says `deferred`: a crash between the two repeats work and loses none. */
  async #defer(deferred: readonly Deferred[]): Promise<void> {
    const { message, writer } = this.#of;
    await this.#sendOn(deferred, deferralDelayMs(message.deferrals, this.#parts.random), true);
    for (const { item, outcome } of deferred) await writer.leave(item.entry, outcome);
  }

  async #sendOn(entries: readonly RequeuedEntry[], delayMs: number, isDeferral = false): Promise<void> {
    const { message, requestedAtMs } = this.#of;
    await requeue(this.#parts.queues, message, entries, { requestedAtMs, delayMs, isDeferral });
  }
}

function itemOf({ item }: { readonly item: WorkItem }): WorkItem {
  return item;
}

function withoutAttempt(item: WorkItem): RequeuedEntry {
  return { item, attempts: item.attempts };
}
