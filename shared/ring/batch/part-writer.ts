import type { Clock, Timeout } from '../../runtime/clock.ts';
import type { Outcome } from '../model/outcome.ts';
import {
  countOutcomes,
  isEnded,
  type Ledger,
  type PartKey,
  type PartRecord,
  type StoredEntry,
  transactionSize,
} from '../ports/ledger.ts';

/** Outcomes wait no longer than this for company, so that people who watch a batch see it move. */
const longestWaitMs = 2_000;

/** What becomes of an entry. */
interface Change {
  readonly outcome: Outcome;
  readonly generation: number;
}

export interface PartWriterParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/**
 * Writes the outcomes of one part to the ledger, many at a time and one transaction after another, while work goes on;
 * after each the part tells how far it is. Entries that a later message took over are left to it.
 */
export class PartWriter {
  readonly #parts: PartWriterParts;
  readonly #key: PartKey;
  readonly #generation: number;
  readonly #entries: Map<number, StoredEntry>;
  #record: PartRecord;
  #etag: string | undefined;
  #waiting = new Map<number, Change>();
  #written: Promise<void> = Promise.resolve();
  #due: Timeout | undefined;

  constructor(
    parts: PartWriterParts,
    opened: {
      key: PartKey;
      generation: number;
      record: PartRecord;
      etag: string | undefined;
      entries: readonly StoredEntry[];
    },
  ) {
    this.#parts = parts;
    this.#key = opened.key;
    this.#generation = opened.generation;
    this.#record = opened.record;
    this.#etag = opened.etag;
    this.#entries = new Map(opened.entries.map((entry) => [entry.entry, entry]));
  }

  /** Entries that nothing final became of, and that no later message took over. */
  isOpen(entry: number): boolean {
    const stored = this.#entries.get(entry);
    return stored !== undefined && !isEnded(stored) && stored.generation <= this.#generation;
  }

  /** Takes entries over from the message that this one goes on from. */
  async takeOver(entries: readonly number[]): Promise<void> {
    const lower = () =>
      entries.filter(
        (entry) => this.isOpen(entry) && this.#entries.get(entry)?.generation !== this.#generation,
      );
    for (let left = lower(); left.length > 0; left = lower()) {
      await this.#writeEntries(left.slice(0, transactionSize), (stored) => ({
        ...stored,
        generation: this.#generation,
      }));
    }
  }

  /** Takes an outcome; waits only where a transaction is full. */
  add(entry: number, outcome: Outcome): Promise<void> {
    return this.#take(entry, { outcome, generation: this.#generation });
  }

  /** The same for an entry that was sent on: from then on it is left to the later message, should this one come again. */
  leave(entry: number, outcome: Outcome): Promise<void> {
    return this.#take(entry, { outcome, generation: this.#generation + 1 });
  }

  async #take(entry: number, change: Change): Promise<void> {
    this.#waiting.set(entry, change);
    if (this.#waiting.size >= transactionSize) return await this.flush();
    this.#due ??= this.#flushLater();
  }

  /** Writes what waits. Throws where this, or an earlier write, failed. */
  flush(): Promise<void> {
    this.#due?.stop();
    this.#due = undefined;
    const changes = this.#waiting;
    this.#waiting = new Map();
    if (changes.size > 0) this.#written = this.#written.then(() => this.#write(changes));
    return this.#written;
  }

  /** What fails then is thrown when the next is written, and there is always a last one. */
  #flushLater(): Timeout {
    const due = this.#parts.clock.timeout(longestWaitMs);
    due.signal.addEventListener('abort', () => void this.flush().catch(() => {}), { once: true });
    return due;
  }

  /** Learns what other messages ended or took over meanwhile. */
  refresh(): Promise<void> {
    this.#written = this.#written.then(() => this.#reload());
    return this.#written;
  }

  async #write(changes: ReadonlyMap<number, Change>): Promise<void> {
    const left = () =>
      [...changes.keys()].filter((entry) => this.isOpen(entry) && !this.#has(entry, changes));
    for (let some = left(); some.length > 0; some = left()) {
      await this.#writeEntries(some.slice(0, transactionSize), (stored) => ({
        ...stored,
        ...changes.get(stored.entry),
      }));
    }
    await this.#tell();
  }

  #has(entry: number, changes: ReadonlyMap<number, Change>): boolean {
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
    const etags = await this.#parts.ledger.writeEntries(this.#key, changed);
    if (etags === 'conflict') return await this.#reload();
    for (const entry of changed)
      this.#entries.set(entry.entry, { ...entry, etag: etags.get(entry.entry) ?? entry.etag });
  }

  async #reload(): Promise<void> {
    const stored = await this.#parts.ledger.readEntries(this.#key);
    this.#entries.clear();
    for (const entry of stored) this.#entries.set(entry.entry, entry);
  }

  /** Another worker on the same part makes this telling stop: whoever ends last counts the part anew. */
  async #tell(): Promise<void> {
    if (this.#etag === undefined) return;
    const entries = [...this.#entries.values()];
    this.#record = {
      ...this.#record,
      entries: Math.max(this.#record.entries, entries.length),
      counts: countOutcomes(entries),
      finished: false,
    };
    const written = await this.#parts.ledger.writePart(this.#key.batch, this.#record, this.#etag);
    this.#etag = written === 'conflict' ? undefined : written.etag;
  }
}
