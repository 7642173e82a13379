import { runConcurrently } from '../../runtime/run-concurrently.ts';
import { type Outcome, withoutAttempt } from '../model/outcome.ts';
import { isPastEnd } from '../model/schedule.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { withNextStep } from '../user/change-outcome.ts';
import { keepForGood } from '../user/keep-for-good.ts';
import type { NotEnded } from '../user/tried.ts';
import { CancelCheck } from './cancel-check.ts';
import {
  busyTooLong,
  cancelled,
  deliveredTooOften,
  type EntryEnding,
  lastDeliveriesFrom,
  pastItsEnd,
  pastItsEndAfterWrite,
  StoppedError,
  triedAgain,
  triedToTheEnd,
} from './endings.ts';
import { deferAll, scheduleAll } from './hand-over.ts';
import { maxGeneration } from './message/envelope.ts';
import type { PartWriter } from './part/writer.ts';
import {
  asRequeued,
  type DeferredEntry,
  itemOf,
  type RequeuedEntry,
  requeue,
  type WaitingEntry,
} from './requeue.ts';
import { endIfRefused } from './storage-refusal.ts';
import {
  type ItemContext,
  isStarted,
  knownOutcome,
  logGivenUp,
  logIfUndoFailed,
  tryItem,
} from './try-item.ts';
import { sendUntils } from './undo/send-untils.ts';
import { dueAtMsOf, isChange, requestShown, type WorkItem } from './work-item.ts';

/** A message that stands in the ledger, and its present delivery. */
export interface RunInput extends ItemContext {
  readonly takenAtMs: number;
  readonly writer: PartWriter;
  readonly isCancelled: boolean;
  readonly hasSummary: boolean;
  /** How often the message was delivered, this time included. */
  readonly dequeueCount: number;
}

/** Delays before waiting users are tried again, when all others are done: most claims are short. */
const waitingRetryDelaysMs = [1_000, 2_000, 4_000];

/** One run of one message: it ends every entry, or requeues it. */
export class BulkRun {
  readonly #deps: RingDeps;
  readonly #call: Invocation;
  readonly #input: RunInput;
  readonly #endsAtMs: number;
  #deferred: DeferredEntry[] = [];
  #waiting: WaitingEntry[] = [];
  readonly #cancel: CancelCheck;

  constructor(deps: RingDeps, call: Invocation, input: RunInput) {
    this.#deps = deps;
    this.#call = call;
    this.#input = input;
    this.#endsAtMs = deps.clock.nowMs() + deps.limits.sliceMs;
    this.#cancel = new CancelCheck(deps, input.message.batch, input.isCancelled);
  }

  /** Throws StorageUnavailableError or {@link StoppedError} where the message must come back. */
  async process(items: readonly WorkItem[]): Promise<void> {
    if (this.#mustEnd()) return await this.#giveUpAll(items);
    const due = await this.#begin(items);
    let left = await this.#changeAll(due, () => this.#shouldStop());
    if (left.length === 0) await this.#retryWaiting();
    if (this.#cancel.isCancelled && !this.#isStopping()) left = await this.#endCancelled(left);
    if (this.#isStopping()) return await this.#stop();
    await this.#requeueRest(left);
  }

  /** True where the message can neither be delivered again nor be requeued. */
  #mustEnd(): boolean {
    const { dequeueCount, message } = this.#input;
    return dequeueCount >= lastDeliveriesFrom || message.generation >= maxGeneration;
  }

  /**
   * Returns the items to work on now: those that are not due wait in new messages, those whose end has passed are cancelled,
   * and the undos of temporary settings are sent before anything is set. A dry run is judged by today's state.
   */
  async #begin(items: readonly WorkItem[]): Promise<readonly WorkItem[]> {
    const { message, requestedAtMs } = this.#input;
    if (message.dryRun || this.#cancel.isCancelled || this.#isStopping()) return items;
    const nowMs = this.#deps.clock.nowMs();
    const later = items.filter((item) => dueAtMsOf(item, requestedAtMs) > nowMs);
    await scheduleAll(this.#deps, this.#call, this.#input, later);
    const due = items.filter((item) => dueAtMsOf(item, requestedAtMs) <= nowMs);
    const isPast = (item: WorkItem) => item.kind === 'change' && isPastEnd(item.schedule, nowMs);
    const started = await this.#endUnlessStarted(due.filter(isPast), pastItsEnd);
    for (const item of started) await this.#end(item, pastItsEndAfterWrite);
    const current = due.filter((item) => !isPast(item));
    await sendUntils(this.#deps, this.#call, this.#input, current.filter(isChange));
    return current;
  }

  /** Returns the items that were not started. */
  #changeAll(items: readonly WorkItem[], shouldStop: () => Promise<boolean>): Promise<readonly WorkItem[]> {
    const { inFlight } = this.#deps;
    return runConcurrently(items, { slots: inFlight, shouldStop, work: (item) => this.#change(item) });
  }

  #isStopping(): boolean {
    return this.#call.signal.aborted;
  }

  #isTimeUp(): boolean {
    return this.#isStopping() || this.#deps.clock.nowMs() >= this.#endsAtMs;
  }

  async #shouldStop(): Promise<boolean> {
    return (await this.#cancel.look()) || this.#isTimeUp();
  }

  async #change(item: WorkItem): Promise<void> {
    const { writer } = this.#input;
    if (!writer.isOpen(item.entry)) return;
    const trial = tryItem(this.#deps, this.#call, this.#input, item);
    const tried = await endIfRefused(this.#call, item, trial);
    if (tried.kind === 'ended') return await this.#record(item, tried.outcome);
    if (tried.kind === 'busy') this.#waiting.push({ item, claimedUntilMs: tried.untilMs });
    else if (tried.kind === 'no-slot') this.#waiting.push({ item });
    else if (!this.#isStopping()) await this.#deferOrFail(item, tried);
  }

  async #record(item: WorkItem, outcome: Outcome): Promise<void> {
    logIfUndoFailed(this.#call, item, this.#input, outcome);
    await this.#input.writer.add(item.entry, outcome);
  }

  async #deferOrFail(
    item: WorkItem,
    { outcome, countsAsAttempt, notBeforeMs, settled, change }: Extract<NotEnded, { kind: 'deferred' }>,
  ): Promise<void> {
    const attempts = item.attempts + (countsAsAttempt ? 1 : 0);
    // What was to end must end: an undo is given up by hours alone.
    const isLast = item.kind === 'change' && attempts >= this.#deps.limits.maxAttempts;
    if (isLast || this.#isTooLate(item)) {
      const limit = isLast ? 'BULK_MAX_ATTEMPTS' : 'BULK_GIVE_UP_HOURS';
      const end = settled ?? triedToTheEnd(outcome, limit);
      logGivenUp(this.#call, item, this.#input, end, change);
      await this.#record(item, end);
    } else {
      this.#deferred.push({ item, outcome: withNextStep(outcome, triedAgain), attempts, notBeforeMs });
    }
  }

  /** The hours of trying count from when an item was first taken, or from when it was due. */
  #isTooLate(item: WorkItem): boolean {
    const { takenAtMs, requestedAtMs } = this.#input;
    const fromMs = Math.max(takenAtMs, dueAtMsOf(item, requestedAtMs));
    return this.#deps.clock.nowMs() - fromMs >= this.#deps.limits.giveUpAfterMs;
  }

  async #retryWaiting(): Promise<void> {
    for (const delayMs of waitingRetryDelaysMs) {
      if (this.#waiting.length === 0 || (await this.#shouldStop())) return;
      await this.#deps.clock.sleep(delayMs, this.#call.signal).catch(() => {});
      const retried = this.#waiting.splice(0);
      const left = new Set(await this.#changeAll(retried.map(itemOf), () => this.#shouldStop()));
      this.#waiting.push(...retried.filter(({ item }) => left.has(item)));
    }
  }

  /**
   * Ends as cancelled the items for which nothing was written. The others are worked on, since only another attempt shows
   * what became of their write. Returns those for which no time was left.
   */
  async #endCancelled(left: readonly WorkItem[]): Promise<readonly WorkItem[]> {
    const started = await this.#endUnlessStarted(this.#unfinished(left), cancelled);
    this.#waiting = this.#waiting.filter(({ item }) => started.has(item));
    this.#deferred = this.#deferred.filter(({ item }) => started.has(item));
    return await this.#changeAll(
      left.filter((item) => started.has(item)),
      async () => this.#isTimeUp(),
    );
  }

  async #giveUpAll(items: readonly WorkItem[]): Promise<void> {
    for (const item of await this.#endUnlessStarted(items, deliveredTooOften)) {
      await this.#end(item, deliveredTooOften);
    }
  }

  /**
   * Ends the items for which nothing was written. An item that the user's record shows as done or superseded gets that
   * outcome. Returns the items for which something may have been written: only another attempt can tell how they end.
   */
  async #endUnlessStarted(items: readonly WorkItem[], ending: EntryEnding): Promise<ReadonlySet<WorkItem>> {
    const started = new Set<WorkItem>();
    for (const item of items) {
      const { record } = await this.#deps.users.read(item.user);
      const known = knownOutcome(this.#call, item, this.#input, record);
      if (known !== undefined) await this.#record(item, known);
      else if (isStarted(record, item, this.#input)) started.add(item);
      else await this.#end(item, ending);
    }
    return started;
  }

  async #end(item: WorkItem, ending: EntryEnding): Promise<void> {
    const { correlationId } = this.#call;
    const outcome = { ...withoutAttempt(item.user, correlationId), ...ending, ...requestShown(item) };
    const { users, clock } = this.#deps;
    if (item.kind === 'undo') await keepForGood(users, item.user, item, clock.nowMs());
    await this.#record(item, outcome);
  }

  #unfinished(left: readonly WorkItem[]): readonly WorkItem[] {
    return [...left, ...this.#waiting.map(itemOf), ...this.#deferred.map(itemOf)];
  }

  async #stop(): Promise<void> {
    await this.#input.writer.flush();
    throw new StoppedError();
  }

  /** Leaves alone the entries that a message of a higher generation took over meanwhile. */
  async #requeueRest(left: readonly WorkItem[]): Promise<void> {
    if (this.#unfinished(left).length === 0) return;
    const { writer } = this.#input;
    await writer.refresh();
    const isOpen = ({ item }: { readonly item: WorkItem }) => writer.isOpen(item.entry);
    await this.#requeue(left.map(asRequeued).filter(isOpen), 0);
    await this.#requeueWaiting(this.#waiting.filter(isOpen));
    await deferAll(this.#deps, this.#input, this.#deferred.filter(isOpen));
  }

  /**
   * Requeues the items that wait for a claim to end or for a slot. Where the time to try is over, those that wait for a
   * claim end as `busy`, unless something may have been written for them.
   */
  async #requeueWaiting(waiting: readonly WaitingEntry[]): Promise<void> {
    const isBusy = ({ claimedUntilMs }: WaitingEntry) => claimedUntilMs !== undefined;
    const busy = waiting.filter(isBusy).map(itemOf);
    const late = new Set(busy.filter((item) => this.#isTooLate(item)));
    const started = await this.#endUnlessStarted([...late], busyTooLong);
    const left = waiting.filter(({ item }) => !late.has(item) || started.has(item));
    const untilMs = Math.max(...left.map(({ claimedUntilMs = 0 }) => claimedUntilMs));
    const delayMs = Math.max(1_000, untilMs - this.#deps.clock.nowMs());
    await this.#requeue(left.map(itemOf).map(asRequeued), delayMs);
  }

  #requeue(entries: readonly RequeuedEntry[], delayMs: number): Promise<void> {
    const { message, requestedAtMs } = this.#input;
    return requeue(this.#deps.queues, message, entries, { requestedAtMs, delayMs, isDeferral: false });
  }
}
