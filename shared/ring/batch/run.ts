import { runConcurrently } from '../../runtime/run-concurrently.ts';
import { withoutAttempt } from '../model/outcome.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { mayHaveWritten } from '../ports/user-store.ts';
import { withNextStep } from '../user/change-outcome.ts';
import { type ChangeRequest, changeRing, type NotEnded } from '../user/change-ring.ts';
import { logRingChanged } from '../user/ring-changed.ts';
import { deferralDelayMs } from './deferral-delay.ts';
import {
  busyTooLong,
  cancelled,
  deliveredTooOften,
  type EntryEnding,
  knownOutcome,
  lastDeliveriesFrom,
  StoppedError,
  triedAgain,
  triedToTheEnd,
} from './endings.ts';
import { type BulkMessage, maxGeneration } from './message/message.ts';
import type { PartWriter } from './part/writer.ts';
import type { WorkItem } from './plan.ts';
import {
  asRequeued,
  type DeferredEntry,
  delaysOf,
  itemOf,
  type RequeuedEntry,
  requeue,
  type WaitingEntry,
} from './requeue.ts';
import { endIfRefused } from './storage-refusal.ts';

/** A message that stands in the ledger, and its present delivery. */
export interface RunInput {
  readonly message: BulkMessage;
  readonly requestedAtMs: number;
  readonly takenAtMs: number;
  readonly writer: PartWriter;
  readonly isCancelled: boolean;
  /** How often the message was delivered, this time included. */
  readonly dequeueCount: number;
}

/** How often a run checks whether its batch was cancelled. */
const cancelCheckMs = 2_000;

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
  #isCancelled: boolean;
  #cancelCheckAtMs: number;

  constructor(deps: RingDeps, call: Invocation, input: RunInput) {
    const nowMs = deps.clock.nowMs();
    this.#deps = deps;
    this.#call = call;
    this.#input = input;
    this.#endsAtMs = nowMs + deps.limits.sliceMs;
    this.#isCancelled = input.isCancelled;
    this.#cancelCheckAtMs = nowMs + cancelCheckMs;
  }

  /** Throws StorageUnavailableError or {@link StoppedError} where the message must come back. */
  async process(items: readonly WorkItem[]): Promise<void> {
    if (this.#mustEnd()) return await this.#giveUpAll(items);
    let left = await this.#changeAll(items, () => this.#shouldStop());
    if (left.length === 0) await this.#retryWaiting();
    if (this.#isCancelled && !this.#isStopping()) left = await this.#cancel(left);
    if (this.#isStopping()) return await this.#stop();
    await this.#requeueRest(left);
  }

  /** True where the message can neither be delivered again nor be requeued. */
  #mustEnd(): boolean {
    const { dequeueCount, message } = this.#input;
    return dequeueCount >= lastDeliveriesFrom || message.generation >= maxGeneration;
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
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs >= this.#cancelCheckAtMs) {
      this.#cancelCheckAtMs = nowMs + cancelCheckMs;
      const batch = await this.#deps.ledger.readBatch(this.#input.message.batch);
      this.#isCancelled ||= batch?.cancelled === true;
    }
    return this.#isCancelled || this.#isTimeUp();
  }

  async #change(item: WorkItem): Promise<void> {
    const { writer } = this.#input;
    if (!writer.isOpen(item.entry)) return;
    const change = changeRing(this.#deps, this.#call, this.#requestOf(item));
    const tried = await endIfRefused(this.#call, item, change);
    if (tried.kind === 'ended') return await writer.add(item.entry, tried.outcome);
    if (tried.kind === 'busy') this.#waiting.push({ item, claimedUntilMs: tried.untilMs });
    else if (tried.kind === 'no-slot') this.#waiting.push({ item });
    else if (!this.#isStopping()) await this.#deferOrFail(item, tried);
  }

  async #deferOrFail(
    item: WorkItem,
    { outcome, countsAsAttempt, notBeforeMs, settled, change }: Extract<NotEnded, { kind: 'deferred' }>,
  ): Promise<void> {
    const attempts = item.attempts + (countsAsAttempt ? 1 : 0);
    const isLast = attempts >= this.#deps.limits.maxAttempts;
    if (isLast || this.#isTooLate()) {
      const limit = isLast ? 'BULK_MAX_ATTEMPTS' : 'BULK_GIVE_UP_HOURS';
      const end = settled ?? triedToTheEnd(outcome, limit);
      logRingChanged(this.#call, this.#requestOf(item), end, change);
      await this.#input.writer.add(item.entry, end);
    } else {
      this.#deferred.push({ item, outcome: withNextStep(outcome, triedAgain), attempts, notBeforeMs });
    }
  }

  #requestOf({ user, desired, entry }: WorkItem): ChangeRequest {
    const { message, requestedAtMs } = this.#input;
    const { batch, part, dryRun, source } = message;
    return { user, desired, order: { requestedAtMs, batch, part, entry }, dryRun, source };
  }

  #isTooLate(): boolean {
    return this.#deps.clock.nowMs() - this.#input.takenAtMs >= this.#deps.limits.giveUpAfterMs;
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
  async #cancel(left: readonly WorkItem[]): Promise<readonly WorkItem[]> {
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
      const request = this.#requestOf(item);
      const known = knownOutcome(this.#call, request, record);
      if (known !== undefined) await this.#input.writer.add(item.entry, known);
      else if (mayHaveWritten(record, request.order)) started.add(item);
      else await this.#end(item, ending);
    }
    return started;
  }

  async #end({ user, desired, entry }: WorkItem, ending: EntryEnding): Promise<void> {
    const { correlationId } = this.#call;
    await this.#input.writer.add(entry, { ...withoutAttempt(user, correlationId), ...ending, ...desired });
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
    await this.#defer(this.#deferred.filter(isOpen));
  }

  /**
   * Requeues the items that wait for a claim to end or for a slot. Where the time to try is over, those that wait for a
   * claim end as `busy`, unless something may have been written for them.
   */
  async #requeueWaiting(waiting: readonly WaitingEntry[]): Promise<void> {
    const isBusy = ({ claimedUntilMs }: WaitingEntry) => claimedUntilMs !== undefined;
    const busy = waiting.filter(isBusy).map(itemOf);
    const started = this.#isTooLate() ? await this.#endUnlessStarted(busy, busyTooLong) : undefined;
    const left = waiting.filter((one) => started === undefined || !isBusy(one) || started.has(one.item));
    const untilMs = Math.max(...left.map(({ claimedUntilMs = 0 }) => claimedUntilMs));
    const delayMs = Math.max(1_000, untilMs - this.#deps.clock.nowMs());
    await this.#requeue(left.map(itemOf).map(asRequeued), delayMs);
  }

  /** Sends the messages before the ledger says `deferred`: a crash in between repeats work and loses none. */
  async #defer(deferred: readonly DeferredEntry[]): Promise<void> {
    const { message, writer } = this.#input;
    const usualDelayMs = deferralDelayMs(message.deferrals, this.#deps.random);
    const groups = delaysOf(deferred, this.#deps.clock.nowMs(), usualDelayMs);
    for (const { delayMs, entries } of groups) await this.#requeue(entries, delayMs, true);
    const sent = groups.flatMap(({ entries }) => entries);
    for (const { item, outcome } of sent) await writer.handOver(item.entry, outcome);
  }

  async #requeue(entries: readonly RequeuedEntry[], delayMs: number, isDeferral = false): Promise<void> {
    const { message, requestedAtMs } = this.#input;
    await requeue(this.#deps.queues, message, entries, { requestedAtMs, delayMs, isDeferral });
  }
}
