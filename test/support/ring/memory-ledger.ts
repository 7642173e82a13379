import {
  type BatchPage,
  type BatchRecord,
  ContinuationUnknownError,
  type EntryFilter,
  type Ledger,
  type LedgerEntry,
  type OutcomePage,
  type PartKey,
  type PartRecord,
  type RegisteredBatch,
  type RejectedMessage,
  type StoredEntry,
  type StoredPart,
  type SubmittedBatch,
  stateOf,
  transactionSize,
} from '../../../shared/ring/ports/ledger.ts';
import { type Turns, takeTurn } from './turns.ts';

/** A ledger in memory, with etags as tables have them. What takes several transactions takes as many turns. */
export class MemoryLedger implements Ledger {
  readonly #turns: Turns;
  readonly #entries = new Map<string, Map<number, StoredEntry>>();
  readonly #parts = new Map<string, Map<number, StoredPart>>();
  readonly #batches = new Map<string, BatchRecord>();
  readonly #rejected = new Map<string, Map<string, RejectedMessage>>();
  #writes = 0;

  constructor(turns: Turns = {}) {
    this.#turns = turns;
  }

  readEntries(part: PartKey): Promise<readonly StoredEntry[]> {
    return takeTurn(this.#turns, `read-entries ${nameOf(part)}`, () => this.#list(part));
  }

  async insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]> {
    for (let start = 0; start < entries.length; start += transactionSize) {
      await takeTurn(this.#turns, `insert-entries ${nameOf(part)}`, () => {
        const stored = this.#entriesOf(part);
        const missing = entries
          .slice(start, start + transactionSize)
          .filter(({ entry }) => !stored.has(entry));
        for (const entry of missing)
          stored.set(entry.entry, { ...structuredClone(entry), etag: this.#etag() });
      });
    }
    return await this.readEntries(part);
  }

  writeEntries(
    part: PartKey,
    entries: readonly StoredEntry[],
  ): Promise<ReadonlyMap<number, string> | 'conflict'> {
    const numbers = new Set(entries.map(({ entry }) => entry));
    if (numbers.size < entries.length || entries.length > transactionSize) {
      throw new Error(`A transaction holds at most ${transactionSize} entries, each once.`);
    }
    return takeTurn(this.#turns, `write-entries ${nameOf(part)}`, () => {
      const stored = this.#entriesOf(part);
      if (entries.some(({ entry, etag }) => stored.get(entry)?.etag !== etag)) return 'conflict';
      const etags = new Map(entries.map(({ entry }) => [entry, this.#etag()]));
      for (const entry of entries) {
        stored.set(entry.entry, { ...structuredClone(entry), etag: etags.get(entry.entry) ?? '' });
      }
      return etags;
    });
  }

  readPart({ batch, part }: PartKey): Promise<StoredPart | undefined> {
    return takeTurn(this.#turns, `read-part ${nameOf({ batch, part })}`, () =>
      this.#parts.get(batch)?.get(part),
    );
  }

  writePart(
    batch: string,
    record: PartRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'> {
    return takeTurn(this.#turns, `write-part ${nameOf({ batch, part: record.part })}`, () => {
      const parts = this.#parts.get(batch) ?? new Map<number, StoredPart>();
      if (parts.get(record.part)?.etag !== etag) return 'conflict';
      const next = this.#etag();
      this.#parts.set(batch, parts.set(record.part, { ...structuredClone(record), etag: next }));
      return { etag: next };
    });
  }

  registerBatch(batch: string, createdAtMs: number, submitted?: SubmittedBatch): Promise<RegisteredBatch> {
    return takeTurn(this.#turns, `register-batch ${batch}`, () => {
      const first = {
        batch,
        createdAtMs,
        cancelled: false,
        ...(submitted === undefined ? {} : { submitted }),
      };
      const known = this.#batches.get(batch);
      this.#batches.set(batch, known ?? first);
      return { ...(known ?? first), existed: known !== undefined };
    });
  }

  announceBatch(batch: string, createdAtMs: number, submitted: SubmittedBatch): Promise<RegisteredBatch> {
    return takeTurn(this.#turns, `announce-batch ${batch}`, () => {
      const known = this.#batches.get(batch);
      if (known?.submitted !== undefined) return { ...known, existed: true };
      const announced = { batch, createdAtMs, cancelled: false, ...known, submitted };
      this.#batches.set(batch, announced);
      return { ...announced, existed: false };
    });
  }

  readBatch(batch: string): Promise<BatchRecord | undefined> {
    return takeTurn(this.#turns, `read-batch ${batch}`, () => this.#batches.get(batch));
  }

  addRejectedMessage(batch: string, message: RejectedMessage): Promise<void> {
    return takeTurn(this.#turns, `add-rejected ${batch}`, () => {
      const messages = this.#rejected.get(batch) ?? new Map<string, RejectedMessage>();
      if (!messages.has(message.messageId)) messages.set(message.messageId, structuredClone(message));
      this.#rejected.set(batch, messages);
    });
  }

  readRejectedMessages(batch: string, limit: number): Promise<readonly RejectedMessage[]> {
    return takeTurn(this.#turns, `read-rejected ${batch}`, () =>
      [...(this.#rejected.get(batch)?.values() ?? [])]
        .sort((a, b) => (a.messageId < b.messageId ? -1 : 1))
        .slice(0, limit),
    );
  }

  cancelBatch(batch: string, by?: string): Promise<boolean> {
    return takeTurn(this.#turns, `cancel-batch ${batch}`, () => {
      const record = this.#batches.get(batch);
      const marked = { cancelled: true, ...(by === undefined ? {} : { cancelledBy: by }) };
      if (record !== undefined) this.#batches.set(batch, { ...record, ...marked });
      return record !== undefined;
    });
  }

  /** Returns the entries of a part, without a turn. */
  peek(part: PartKey): readonly StoredEntry[] {
    return this.#list(part);
  }

  /** Returns all entries by `batch|part`, without a turn. */
  peekAll(): ReadonlyMap<string, readonly StoredEntry[]> {
    return new Map([...this.#entries].map(([name, entries]) => [name, [...entries.values()]]));
  }

  listBatches(options: { continuation?: string; limit: number }): Promise<BatchPage> {
    return takeTurn(this.#turns, 'list-batches all', () => {
      const newestFirst = [...this.#batches.values()].sort(
        (a, b) => b.createdAtMs - a.createdAtMs || (a.batch < b.batch ? -1 : 1),
      );
      const { items, continuation } = pageOf(newestFirst, options);
      return { batches: items.map(({ batch }) => batch), ...continuation };
    });
  }

  readParts(batch: string): Promise<readonly StoredPart[]> {
    return takeTurn(this.#turns, `read-parts ${batch}`, () =>
      [...(this.#parts.get(batch)?.values() ?? [])].sort((a, b) => a.part - b.part),
    );
  }

  readPage(
    batch: string,
    options: EntryFilter & { continuation?: string; limit: number },
  ): Promise<OutcomePage> {
    return takeTurn(this.#turns, `read-page ${batch}`, () => {
      const wanted = this.#all(batch).filter((entry) => isWanted(entry, options));
      const { items, continuation } = pageOf(wanted, options);
      return { outcomes: items, ...continuation };
    });
  }

  #all(batch: string): readonly (LedgerEntry & { part: number })[] {
    const parts = [...this.#entries.keys()]
      .map((name) => ({ batch: name.slice(0, name.indexOf('|')), part: Number(name.split('|')[1]) }))
      .filter((key) => key.batch === batch)
      .sort((a, b) => a.part - b.part);
    return parts.flatMap((key) =>
      this.#list(key).map(({ etag: _etag, ...entry }) => ({ ...entry, part: key.part })),
    );
  }

  #list(part: PartKey): readonly StoredEntry[] {
    return [...this.#entriesOf(part).values()].sort((a, b) => a.entry - b.entry);
  }

  #entriesOf(part: PartKey): Map<number, StoredEntry> {
    const entries = this.#entries.get(nameOf(part)) ?? new Map<number, StoredEntry>();
    this.#entries.set(nameOf(part), entries);
    return entries;
  }

  #etag(): string {
    this.#writes += 1;
    return `W/"${this.#writes}"`;
  }
}

function nameOf({ batch, part }: PartKey): string {
  return `${batch}|${part}`;
}

/** A continuation is the place where the next page begins. */
function pageOf<T>(
  items: readonly T[],
  { continuation = '0', limit }: { continuation?: string; limit: number },
): { items: readonly T[]; continuation: { continuation?: string } } {
  if (!/^\d+$/.test(continuation)) throw new ContinuationUnknownError();
  const end = Number(continuation) + limit;
  return {
    items: items.slice(Number(continuation), end),
    continuation: end < items.length ? { continuation: String(end) } : {},
  };
}

function isWanted(entry: LedgerEntry, { outcomes, would, user }: EntryFilter): boolean {
  const found = entry.outcome !== undefined && 'would' in entry.outcome ? entry.outcome.would : undefined;
  return (
    (outcomes === undefined || outcomes.includes(stateOf(entry))) &&
    (would === undefined || would === found) &&
    (user === undefined || entry.user.replace(/^sip:/, '').startsWith(user))
  );
}
