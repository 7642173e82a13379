import type { BulkMessage } from './bulk-message.ts';
import type { WorkItem } from './bulk-work.ts';
import { superseded } from './change-outcome.ts';
import { type Changed, changeRing, type RingParts } from './change-ring.ts';
import { endedOutcome, isOvertaken, mayHaveWritten } from './claim.ts';
import { deferralDelayMs } from './deferral.ts';
import type { Ledger } from './ledger.ts';
import type { Places } from './limiter.ts';
import type { Order } from './order.ts';
import { type Outcome, untried } from './outcome.ts';
import type { PartWriter } from './part-writer.ts';
import type { Queues } from './queues.ts';
import { type SentOn, sendOn } from './send-on.ts';
import type { UserRecord } from './users.ts';
import { workThrough } from './work-through.ts';

/** What working through a message takes. */
export interface RunParts extends RingParts {
  readonly ledger: Ledger;
  readonly queues: Queues;
  /** Users in hand at once, over all messages of this instance: those at work, and those being made ready. */
  readonly inHand: Places;
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

/** Claims are short as a rule: who was busy is tried again after this, when the others are done. */
const secondLookMs = 1_000;

/** Who is at work as this person, until when. */
interface Busy {
  readonly item: WorkItem;
  readonly untilMs: number;
}

interface Deferred extends SentOn {
  readonly outcome: Outcome;
}

/** One run of one message. It ends every entry, or sends it on. */
export class BulkRun {
  readonly #parts: RunParts;
  readonly #of: RunOf;
  readonly #endsAtMs: number;
  #deferred: Deferred[] = [];
  #busy: Busy[] = [];
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
  async workOff(items: readonly WorkItem[]): Promise<void> {
    if (this.#of.dequeueCount >= lastDeliveriesFrom) return await this.#giveUpAll(items);
    let left = await this.#workThrough(items, () => this.#mustEnd());
    if (left.length === 0) await this.#tryBusyAgain();
    if (this.#isCancelled && !this.#mustStop()) left = await this.#cancel(left);
    if (this.#mustStop()) return await this.#stop();
    await this.#sendRestOn(left);
  }

  /** Answers with what was not begun. */
  #workThrough(items: readonly WorkItem[], mustEnd: () => Promise<boolean>): Promise<readonly WorkItem[]> {
    return workThrough(items, { places: this.#parts.inHand, mustEnd, work: (item) => this.#workOn(item) });
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
    const { user, wish } = item;
    const { dryRun } = message;
    const order = this.#orderOf(item);
    const changed = await changeRing(this.#parts, { user, wish, order, dryRun, correlationId, signal });
    if (changed.kind === 'ended') return await writer.add(item.entry, changed.outcome);
    if (changed.kind === 'busy') this.#busy.push({ item, untilMs: changed.untilMs });
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

  #orderOf({ entry }: WorkItem): Order {
    const { message, requestedAtMs } = this.#of;
    return { requestedAtMs, batch: message.batch, part: message.part, entry };
  }

  #isTooLate(): boolean {
    return this.#parts.clock.nowMs() - this.#of.requestedAtMs >= this.#parts.giveUpAfterMs;
  }

  async #tryBusyAgain(): Promise<void> {
    if (this.#busy.length === 0 || (await this.#mustEnd())) return;
    try {
      await this.#parts.clock.sleep(secondLookMs, this.#of.signal);
    } catch {
      return;
    }
    const again = this.#busy.splice(0);
    const items = again.map(({ item }) => item);
    const left = new Set(await this.#workThrough(items, () => this.#mustEnd()));
    this.#busy.push(...again.filter(({ item }) => left.has(item)));
  }

  /** What was begun ends as it ends, the rest as cancelled. Answers with what was begun and there was no time for. */
  async #cancel(left: readonly WorkItem[]): Promise<readonly WorkItem[]> {
    const begun = await this.#endUnlessBegun(this.#open(left), cancelled);
    this.#busy = this.#busy.filter(({ item }) => begun.has(item));
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
  async #endUnlessBegun(items: readonly WorkItem[], ending: Ending): Promise<ReadonlySet<WorkItem>> {
    const begun = new Set<WorkItem>();
    for (const item of items) {
      const { record } = await this.#parts.users.read(item.user);
      const known = this.#knownOutcome(record, item);
      if (known !== undefined) await this.#of.writer.add(item.entry, known);
      else if (mayHaveWritten(record, this.#orderOf(item))) begun.add(item);
      else await this.#end(item, ending);
    }
    return begun;
  }

  #knownOutcome(record: UserRecord, item: WorkItem): Outcome | undefined {
    const { message, correlationId } = this.#of;
    const order = this.#orderOf(item);
    const isSuperseded = !message.dryRun && isOvertaken(record, order);
    return isSuperseded ? superseded({ ...item, correlationId }) : endedOutcome(record, order);
  }

  async #end({ user, wish, entry }: WorkItem, ending: Ending): Promise<void> {
    await this.#of.writer.add(entry, { ...untried(user, this.#of.correlationId), ...ending, ...wish });
  }

  #open(left: readonly WorkItem[]): readonly WorkItem[] {
    return [...left, ...this.#busy.map(({ item }) => item), ...this.#deferred.map(({ item }) => item)];
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
    await this.#sendOn(left.map(unchanged).filter(isOpen), 0);
    await this.#sendBusyOn(this.#busy.filter(isOpen));
    await this.#defer(this.#deferred.filter(isOpen));
  }

  /** Who is busy waits until the claim ends; for whom it is too late, and nothing of this request was begun, it ends here. */
  async #sendBusyOn(busy: readonly Busy[]): Promise<void> {
    const items = busy.map(({ item }) => item);
    const waiting = this.#isTooLate() ? await this.#endUnlessBegun(items, busyTooLong) : new Set(items);
    const untilMs = Math.max(...busy.map((one) => one.untilMs));
    await this.#sendOn([...waiting].map(unchanged), Math.max(1_000, untilMs - this.#parts.clock.nowMs()));
  }

  /** The new message is sent before the ledger says `deferred`: a crash between the two repeats work and loses none. */
  async #defer(deferred: readonly Deferred[]): Promise<void> {
    const { message, writer } = this.#of;
    await this.#sendOn(deferred, deferralDelayMs(message.deferrals, this.#parts.random), true);
    for (const { item, outcome } of deferred) await writer.leave(item.entry, outcome);
  }

  async #sendOn(entries: readonly SentOn[], delayMs: number, isDeferral = false): Promise<void> {
    const { message, requestedAtMs } = this.#of;
    await sendOn(this.#parts.queues, message, entries, { requestedAtMs, delayMs, isDeferral });
  }
}

/** Sent on without an attempt counted. */
function unchanged(item: WorkItem): SentOn {
  return { item, attempts: item.attempts };
}

type Ending = Pick<Outcome, 'outcome' | 'code' | 'detail'>;

const cancelled: Ending = {
  outcome: 'cancelled',
  detail: 'Its batch was cancelled before this entry was done.',
};

const deliveredTooOften: Ending = {
  outcome: 'failed',
  code: 'ucwa-unavailable',
  detail: 'The message was delivered too often without its end being reached; send this entry again.',
};

const busyTooLong: Ending = {
  outcome: 'failed',
  code: 'ucwa-unavailable',
  detail: 'Other requests for this user were at work each time until the hours to try were over.',
};
