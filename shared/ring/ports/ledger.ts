import { type EntryState, isFinal, type Outcome } from '../model/outcome.ts';

/** A part of a batch: what one message brought. */
export interface PartKey {
  readonly batch: string;
  readonly part: number;
}

/** One entry, from when its message first arrived; `outcome` is undefined while nothing became of it yet. */
export interface LedgerEntry {
  readonly entry: number;
  readonly ref?: string;
  /** As it was sent, cut where it is too long for an address. */
  readonly user: string;
  readonly outcome?: Outcome;
  /** Of a message and the one that it goes on in, the later has the higher generation; lower ones leave the entry alone. */
  readonly generation: number;
  /** Tells entries of the same place and other content apart. */
  readonly digest: string;
}

export interface StoredEntry extends LedgerEntry {
  readonly etag: string;
}

/** How many entries stand how; what none does is left out. */
export type OutcomeCounts = Readonly<Partial<Record<EntryState, number>>>;

/** What is known of a part as a whole. */
export interface PartRecord {
  readonly part: number;
  /** How many parts the sender announced; undefined where it did not. */
  readonly parts?: number;
  readonly entries: number;
  /** Tells a message of the same place and other content apart. */
  readonly digest: string;
  readonly requestedAtMs: number;
  /** When it was first seen, by our clock: a sender may tell a time long past. */
  readonly enteredAtMs: number;
  readonly counts: OutcomeCounts;
  readonly finished: boolean;
  /** Which of its messages sends the summary. */
  readonly summaryBy?: string;
  readonly source?: string;
}

export interface StoredPart extends PartRecord {
  readonly etag: string;
}

/** What is known of a batch as a whole. */
export interface BatchRecord {
  readonly batch: string;
  readonly createdAtMs: number;
  readonly cancelled: boolean;
}

export interface BatchPage {
  readonly batches: readonly string[];
  readonly continuation?: string;
}

export interface OutcomePage {
  readonly outcomes: readonly (LedgerEntry & { readonly part: number })[];
  readonly continuation?: string;
}

/** A page was asked for with what no page of ours ended with. */
export class ContinuationUnknownError extends Error {
  constructor() {
    super('This is no continuation of ours: take the one in `next` as it is, or begin anew without.');
    this.name = 'ContinuationUnknownError';
  }
}

/** Most entries that are written in one transaction. */
export const transactionSize = 100;

/** Where outcomes are kept. Each method throws StorageUnavailableError where storage fails. */
export interface Ledger {
  readEntries(part: PartKey): Promise<readonly StoredEntry[]>;
  /** Inserts entries that are not there; those that are stay as they are. Answers all of the part. */
  insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]>;
  /**
   * Writes at most {@link transactionSize} entries, all or none, on the condition that none changed since its etag.
   * Answers the new etags by entry, or `conflict`, and then nothing is written.
   */
  writeEntries(
    part: PartKey,
    entries: readonly StoredEntry[],
  ): Promise<ReadonlyMap<number, string> | 'conflict'>;
  readPart(part: PartKey): Promise<StoredPart | undefined>;
  /** Writes on the condition that nothing changed since `etag`. Answers the new etag, or `conflict`. */
  writePart(
    batch: string,
    record: PartRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'>;
  /** Enters a batch among those that are listed, unless it is there, and answers what is known of it. */
  registerBatch(batch: string, createdAtMs: number): Promise<BatchRecord>;
  readBatch(batch: string): Promise<BatchRecord | undefined>;
  /** Marks a batch as cancelled. Answers false where there is none. */
  cancelBatch(batch: string): Promise<boolean>;
  /** The newest batches first, a page at a time. Throws {@link ContinuationUnknownError}. */
  listBatches(options: { continuation?: string; limit: number }): Promise<BatchPage>;
  /** All parts of a batch, by number. */
  readParts(batch: string): Promise<readonly StoredPart[]>;
  /**
   * Entries of a batch in order, a page at a time; only those that stand so where a state is named. Throws
   * {@link ContinuationUnknownError}.
   */
  readPage(
    batch: string,
    options: { outcome?: EntryState; continuation?: string; limit: number },
  ): Promise<OutcomePage>;
}

/** How an entry stands. */
export function stateOf({ outcome }: LedgerEntry): EntryState {
  return outcome?.outcome ?? 'pending';
}

/** Counts entries by how they stand. */
export function countOutcomes(entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts: Partial<Record<EntryState, number>> = {};
  for (const entry of entries) {
    const state = stateOf(entry);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** Tells whether something final became of an entry. */
export function isEnded({ outcome }: LedgerEntry): boolean {
  return outcome !== undefined && isFinal(outcome.outcome);
}
