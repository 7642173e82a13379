import type { Timeout } from '../../../runtime/clock.ts';
import { type Outcome, withEnd } from '../../model/outcome.ts';
import { boundedOutcome, minimalOutcome } from '../../model/stored-text.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { unexpectedError } from '../../ports/events.ts';
import {
  isEnded,
  type PartKey,
  type PartRecord,
  type StoredEntry,
  transactionSize,
} from '../../ports/ledger.ts';
import { StorageRefusedError } from '../../ports/storage-error.ts';
import { countedPart } from './counted.ts';

/** Outcomes wait no longer than this for others to share a transaction, so that a watched batch shows progress. */
const maxWaitMs = 2_000;

/** An outcome, and the generation that owns the entry from then on. */
interface Change {
  readonly outcome: Outcome;
  readonly generation: number;
  /** True where storage refused the whole outcome. */
  readonly isMinimal?: boolean;
}

/** What {@link PartWriter} starts from: the part and its entries as the ledger has them. */
interface OpenPart {
  readonly key: PartKey;
  readonly generation: number;
  readonly record: PartRecord;
  readonly etag: string | undefined;
  readonly entries: readonly StoredEntry[];
}

/**
 * Writes the outcomes of one part to the ledger while work goes on, many in a transaction, and updates the part's counts
 * after each. It leaves alone the entries of a higher generation. An outcome that storage refuses is reduced to
 * what tells how the entry ended.
 */
export class PartWriter {
  readonly #deps: Pick<RingDeps, 'ledger' | 'clock'>;
  readonly #call: Pick<Invocation, 'log' | 'correlationId'>;
  readonly #key: PartKey;
  readonly #generation: number;
  readonly #entries: Map<number, StoredEntry>;
  #record: PartRecord;
  #etag: string | undefined;
  #waiting = new Map<number, Change>();
  #written: Promise<void> = Promise.resolve();
  #flushTimer: Timeout | undefined;

  constructor(
    deps: Pick<RingDeps, 'ledger' | 'clock'>,
    call: Pick<Invocation, 'log' | 'correlationId'>,
    opened: OpenPart,
  ) {
    this.#deps = deps;
    this.#call = call;
    this.#key = opened.key;
    this.#generation = opened.generation;
    this.#record = opened.record;
    this.#etag = opened.etag;
    this.#entries = new Map(opened.entries.map((entry) => [entry.entry, entry]));
  }

  /** True for an entry that has no final outcome and no higher generation. */
  isOpen(entry: number): boolean {
    const stored = this.#entries.get(entry);
    return stored !== undefined && !isEnded(stored) && stored.generation <= this.#generation;
  }

  /** Raises the generation of entries to that of this message. */
  async takeOver(entries: readonly number[]): Promise<void> {
    const lower = () =>
      entries.filter(
        (entry) => this.isOpen(entry) && this.#entries.get(entry)?.generation !== this.#generation,
      );
    for (let left = lower(); left.length > 0; left = lower()) {
      const generation = this.#generation;
      await this.#writeEntries(left.slice(0, transactionSize), (stored) => ({ ...stored, generation }));
    }
  }

  /** Queues an outcome for writing; waits only where a transaction is full. */
  add(entry: number, outcome: Outcome): Promise<void> {
    return this.#take(entry, { outcome, generation: this.#generation });
  }

  /** Queues the outcome of an entry that is in a new message, which alone changes the entry from then on. */
  handOver(entry: number, outcome: Outcome): Promise<void> {
    return this.#take(entry, { outcome, generation: this.#generation + 1 });
  }

  async #take(entry: number, change: Change): Promise<void> {
    const outcome = withEnd(change.outcome, this.#deps.clock.nowMs());
    this.#waiting.set(entry, { ...change, outcome: boundedOutcome(outcome) });
    if (this.#waiting.size >= transactionSize) return await this.flush();
    this.#flushTimer ??= this.#flushLater();
  }

  /** Writes all waiting outcomes. Throws where this or an earlier write failed. */
  flush(): Promise<void> {
    this.#flushTimer?.stop();
    this.#flushTimer = undefined;
    const changes = this.#waiting;
    this.#waiting = new Map();
    if (changes.size > 0) this.#written = this.#written.then(() => this.#write(changes));
    return this.#written;
  }

  /** Flushes when the time is over. A failure of that flush is thrown by the next `flush`, and every run ends with one. */
  #flushLater(): Timeout {
    const timer = this.#deps.clock.timeout(maxWaitMs);
    timer.signal.addEventListener('abort', () => void this.flush().catch(() => {}), { once: true });
    return timer;
  }

  /** Reads the entries again, since other messages may have ended or taken over some. */
  refresh(): Promise<void> {
    this.#written = this.#written.then(() => this.#reload());
    return this.#written;
  }

  async #write(changes: Map<number, Change>): Promise<void> {
    const left = () =>
      [...changes.keys()].filter((entry) => this.isOpen(entry) && !this.#isWritten(entry, changes));
    for (let some = left(); some.length > 0; some = left()) {
      const chunk = some.slice(0, transactionSize);
      const isWritten = await this.#writeOutcomes(chunk, changes);
      if (!isWritten) await this.#findRefused(chunk, changes);
    }
    await this.#writeCounts();
  }

  /** Returns false where storage refuses them, and throws where it refuses even the least of one. */
  async #writeOutcomes(numbers: readonly number[], changes: ReadonlyMap<number, Change>): Promise<boolean> {
    const change = (stored: StoredEntry) => {
      const { outcome, generation } = changes.get(stored.entry) ?? stored;
      return { ...stored, ...(outcome === undefined ? {} : { outcome }), generation };
    };
    try {
      await this.#writeEntries(numbers, change);
      return true;
    } catch (error) {
      const isMinimal = numbers.every((entry) => changes.get(entry)?.isMinimal === true);
      if (!(error instanceof StorageRefusedError) || isMinimal) throw error;
      this.#call.log(unexpectedError(error, this.#call.correlationId));
      return false;
    }
  }

  /** Writes outcomes one by one, and reduces those that storage refuses to what tells how the entry ended. */
  async #findRefused(numbers: readonly number[], changes: Map<number, Change>): Promise<void> {
    for (const entry of numbers) {
      const change = changes.get(entry);
      if (change === undefined || !this.isOpen(entry)) continue;
      if (numbers.length > 1 && (await this.#writeOutcomes([entry], changes))) continue;
      changes.set(entry, { ...change, outcome: minimalOutcome(change.outcome), isMinimal: true });
    }
  }

  #isWritten(entry: number, changes: ReadonlyMap<number, Change>): boolean {
    return this.#entries.get(entry)?.outcome === changes.get(entry)?.outcome;
  }

  async #writeEntries(
    numbers: readonly number[],
    change: (stored: StoredEntry) => StoredEntry,
  ): Promise<void> {
    const changed = numbers.flatMap((entry) => {
      const stored = this.#entries.get(entry);
      return stored === undefined ? [] : [change(stored)];
    });
    const etags = await this.#deps.ledger.writeEntries(this.#key, changed);
    if (etags === 'conflict') return await this.#reload();
    for (const entry of changed) {
      this.#entries.set(entry.entry, { ...entry, etag: etags.get(entry.entry) ?? entry.etag });
    }
  }

  async #reload(): Promise<void> {
    const stored = await this.#deps.ledger.readEntries(this.#key);
    this.#entries.clear();
    for (const entry of stored) this.#entries.set(entry.entry, entry);
  }

  /** Gives up at the first conflict: another message of the part is at work, and `finishPart` counts anew at the end. */
  async #writeCounts(): Promise<void> {
    if (this.#etag === undefined) return;
    const entries = [...this.#entries.values()];
    const announced = Math.max(this.#record.entries, entries.length);
    this.#record = countedPart({ ...this.#record, entries: announced, finished: false }, entries);
    const written = await this.#deps.ledger.writePart(this.#key.batch, this.#record, this.#etag);
    this.#etag = written === 'conflict' ? undefined : written.etag;
  }
}
