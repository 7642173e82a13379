import type {
  Ledger,
  LedgerEntry,
  OutcomePage,
  PartKey,
  PartRecord,
  StoredEntry,
  StoredPart,
} from '../../../shared/ring/ledger.ts';
import { type Turns, takeTurn } from './turns.ts';

interface Kept<T> {
  readonly value: T;
  readonly etag: string;
}

/** A ledger in memory, with etags as tables keep them. Writes of more than a hundred happen one transaction a turn. */
export class MemoryLedger implements Ledger {
  readonly #turns: Turns;
  readonly #entries = new Map<string, Map<number, Kept<LedgerEntry>>>();
  readonly #parts = new Map<string, Map<number, Kept<PartRecord>>>();
  #writes = 0;

  constructor(turns: Turns = {}) {
    this.#turns = turns;
  }

  readEntries(part: PartKey): Promise<readonly StoredEntry[]> {
    return takeTurn(this.#turns, `read-entries ${nameOf(part)}`, () => this.#list(part));
  }

  async insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]> {
    for (const chunk of hundreds(entries)) {
      await takeTurn(this.#turns, `insert-entries ${nameOf(part)}`, () => {
        const there = this.#entriesOf(part);
        for (const entry of chunk.filter((one) => !there.has(one.entry)))
          this.#keep(there, entry.entry, entry);
      });
    }
    return await this.readEntries(part);
  }

  async writeOutcomes(part: PartKey, entries: readonly LedgerEntry[]): Promise<void> {
    for (const chunk of hundreds(entries)) {
      const numbers = new Set(chunk.map(({ entry }) => entry));
      if (numbers.size < chunk.length) throw new Error('A transaction takes an entity once.');
      await takeTurn(this.#turns, `write-outcomes ${nameOf(part)}`, () => {
        for (const entry of chunk) this.#keep(this.#entriesOf(part), entry.entry, entry);
      });
    }
  }

  readPart({ batch, part }: PartKey): Promise<StoredPart | undefined> {
    return takeTurn(this.#turns, `read-part ${nameOf({ batch, part })}`, () => {
      const kept = this.#parts.get(batch)?.get(part);
      return kept === undefined ? undefined : { ...kept.value, etag: kept.etag };
    });
  }

  writePart(
    batch: string,
    record: PartRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'> {
    return takeTurn(this.#turns, `write-part ${nameOf({ batch, part: record.part })}`, () => {
      const parts = this.#parts.get(batch) ?? new Map<number, Kept<PartRecord>>();
      if (parts.get(record.part)?.etag !== etag) return 'conflict';
      this.#parts.set(batch, parts);
      return { etag: this.#keep(parts, record.part, record) };
    });
  }

  readParts(batch: string): Promise<readonly StoredPart[]> {
    return takeTurn(this.#turns, `read-parts ${batch}`, () => {
      const parts = [...(this.#parts.get(batch)?.values() ?? [])];
      return parts.map(({ value, etag }) => ({ ...value, etag })).sort((a, b) => a.part - b.part);
    });
  }

  /** A continuation is the place to go on from. */
  readPage(
    batch: string,
    { outcome, continuation, limit }: { outcome?: string; continuation?: string; limit: number },
  ): Promise<OutcomePage> {
    return takeTurn(this.#turns, `read-page ${batch}`, () => {
      const start = Number(continuation ?? 0);
      const wanted = this.#all(batch).filter(
        (entry) => outcome === undefined || outcome === (entry.outcome?.outcome ?? 'pending'),
      );
      const end = start + limit;
      return {
        outcomes: wanted.slice(start, end),
        ...(end < wanted.length ? { continuation: String(end) } : {}),
      };
    });
  }

  #all(batch: string): readonly (LedgerEntry & { part: number })[] {
    const parts = [...this.#entries.keys()]
      .map((key) => ({
        batch: key.slice(0, key.indexOf('|')),
        part: Number(key.slice(key.indexOf('|') + 1)),
      }))
      .filter((key) => key.batch === batch)
      .sort((a, b) => a.part - b.part);
    return parts.flatMap((key) =>
      this.#list(key).map(({ etag: _etag, ...entry }) => ({ ...entry, part: key.part })),
    );
  }

  #list(part: PartKey): readonly StoredEntry[] {
    const kept = [...(this.#entries.get(nameOf(part))?.values() ?? [])];
    return kept.map(({ value, etag }) => ({ ...value, etag })).sort((a, b) => a.entry - b.entry);
  }

  #entriesOf(part: PartKey): Map<number, Kept<LedgerEntry>> {
    const there = this.#entries.get(nameOf(part)) ?? new Map<number, Kept<LedgerEntry>>();
    this.#entries.set(nameOf(part), there);
    return there;
  }

  #keep<T>(map: Map<number, Kept<T>>, key: number, value: T): string {
    this.#writes += 1;
    const etag = `W/"${this.#writes}"`;
    map.set(key, { value: structuredClone(value), etag });
    return etag;
  }
}

function nameOf({ batch, part }: PartKey): string {
  return `${batch}|${part}`;
}

function* hundreds<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += 100) yield items.slice(start, start + 100);
}
