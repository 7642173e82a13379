import type { Clock } from '../ucwa/clock.ts';
import { countOutcomes, type Ledger, type LedgerEntry, type PartKey, type PartRecord } from './ledger.ts';

const transactionSize = 100;

/** Outcomes wait no longer than this for company, so that people who watch a batch see it move. */
const longestWaitMs = 2_000;

interface PartWriterParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/**
 * Writes the outcomes of one part to the ledger, many at a time and one transaction after another, while work goes on;
 * after each the part tells how far it is. Another worker on the same part makes that telling stop here: whoever
 * ends last counts the part anew.
 */
export class PartWriter {
  readonly #parts: PartWriterParts;
  readonly #key: PartKey;
  readonly #record: Omit<PartRecord, 'counts' | 'finished'>;
  readonly #entries: Map<number, LedgerEntry>;
  #etag: string | undefined;
  #waiting: LedgerEntry[] = [];
  #written: Promise<void> = Promise.resolve();
  #lastFlushMs: number;

  private constructor(
    parts: PartWriterParts,
    key: PartKey,
    entries: readonly LedgerEntry[],
    about: Pick<PartRecord, 'parts' | 'source' | 'requestedAtMs'>,
  ) {
    this.#parts = parts;
    this.#key = key;
    this.#record = { part: key.part, entries: entries.length, ...about };
    this.#entries = new Map(entries.map((entry) => [entry.entry, entry]));
    this.#lastFlushMs = parts.clock.nowMs();
  }

  /** Enters the part among those of its batch, unless it is there. */
  static async open(
    parts: PartWriterParts,
    key: PartKey,
    entries: readonly LedgerEntry[],
    about: Pick<PartRecord, 'parts' | 'source' | 'requestedAtMs'>,
  ): Promise<PartWriter> {
    const writer = new PartWriter(parts, key, entries, about);
    const written = await parts.ledger.writePart(key.batch, writer.#told(), undefined);
    writer.#etag = written === 'conflict' ? (await parts.ledger.readPart(key))?.etag : written.etag;
    return writer;
  }

  /** Takes an outcome; waits only where a transaction is due. */
  async add(entry: LedgerEntry): Promise<void> {
    this.#waiting.push(entry);
    const isDue = this.#parts.clock.nowMs() - this.#lastFlushMs >= longestWaitMs;
    if (isDue || this.#waiting.length >= transactionSize) await this.flush();
  }

  /** Writes what waits. Throws where this, or an earlier write, failed. */
  flush(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#lastFlushMs = this.#parts.clock.nowMs();
    if (entries.length > 0) this.#written = this.#written.then(() => this.#write(entries));
    return this.#written;
  }

  async #write(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#parts.ledger.writeOutcomes(this.#key, entries);
    for (const entry of entries) this.#entries.set(entry.entry, entry);
    if (this.#etag === undefined) return;
    const written = await this.#parts.ledger.writePart(this.#key.batch, this.#told(), this.#etag);
    this.#etag = written === 'conflict' ? undefined : written.etag;
  }

  #told(): PartRecord {
    return { ...this.#record, counts: countOutcomes([...this.#entries.values()]), finished: false };
  }
}
