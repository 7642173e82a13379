import { type DryRunOutcome, type EntryState, isFinal, type Outcome } from '../model/outcome.ts';

/** Names a part of a batch: the entries of one message. */
export interface PartKey {
  readonly batch: string;
  readonly part: number;
}

/** One entry, from the first delivery of its message; `outcome` is absent while it is pending. */
export interface LedgerEntry {
  readonly entry: number;
  readonly ref?: string;
  /** The canonical address; where that cannot be read, the text as sent, cut to the length of an address. */
  readonly user: string;
  readonly outcome?: Outcome;
  /** The generation of the message that owns the entry; messages of a lower one leave it alone. */
  readonly generation: number;
  /** Differs where an entry of the same batch, part and number has different content. */
  readonly digest: string;
}

export interface StoredEntry extends LedgerEntry {
  readonly etag: string;
  /** Columns that only a newer version knows. They are kept when the entry is written again. */
  readonly otherColumns?: Readonly<Record<string, unknown>>;
}

/** How many entries are in each state; states without entries are left out. */
export type OutcomeCounts = Readonly<Partial<Record<EntryState, number>>>;

/** A part as a whole. */
export interface PartRecord {
  readonly part: number;
  /** How many parts the sender announced, if it did. */
  readonly parts?: number;
  readonly entries: number;
  /** Differs where a message of the same batch and part has different content. */
  readonly digest: string;
  readonly requestedAtMs: number;
  /** When its message was first seen, by our own clock: `requestedAtMs` comes from the sender. */
  readonly enteredAtMs: number;
  readonly counts: OutcomeCounts;
  readonly finished: boolean;
  /** When its last entry had ended. Absent where 0.1 finished it. */
  readonly finishedAtMs?: number;
  /** When the first of its deferred entries can be tried again. Absent where none is deferred. */
  readonly nextTryAtMs?: number;
  /** The message that sends the summary: its generation and first entry. */
  readonly summaryBy?: string;
  /** The message that sends the summary while only entries are left that wait for their time. */
  readonly interimBy?: string;
  readonly source?: string;
  /** Columns that only a newer version knows. They are kept when the part is written again. */
  readonly otherColumns?: Readonly<Record<string, unknown>>;
}

export interface StoredPart extends PartRecord {
  readonly etag: string;
}

/** What a batch that we submit ourselves is to hold: known before the first of its messages is sent. */
export interface SubmittedBatch {
  /** Differs where the name is already used for different content. */
  readonly digest: string;
  readonly requestedAtMs: number;
  readonly source?: string;
  /** The identified caller who submitted it. */
  readonly by?: string;
  /**
   * Present with `by`: what its messages must carry. Nobody else can know it, so no other message of that name counts as the
   * caller's.
   */
  readonly ticket?: string;
  readonly parts: number;
  readonly entries: number;
  /** The batch that this one undoes, in part or as a whole: `parts` is then 0, since its parts have the numbers of that one's. */
  readonly undoes?: string;
  /** Present where the sender of the queue's messages is to hear of its end. */
  readonly hasSummary?: true;
  /** How many entries each part has: a repeated submission is split as the first one was. Absent where written by 0.1. */
  readonly sizes?: readonly number[];
}

/** A batch as a whole. */
export interface BatchRecord {
  readonly batch: string;
  readonly createdAtMs: number;
  readonly cancelled: boolean;
  /** The identified caller who cancelled it. */
  readonly cancelledBy?: string;
  /** Absent for a batch that came over the queue, and for one of 0.1. */
  readonly submitted?: SubmittedBatch;
}

/** A batch's record, and whether it was there before. */
export interface RegisteredBatch extends BatchRecord {
  readonly existed: boolean;
}

/** A message that names a batch and is not a bulk message. None of its entries was read. */
export interface RejectedMessage {
  /** The same each time that the message is delivered. */
  readonly messageId: string;
  /** Present where the message told a valid one. */
  readonly part?: number;
  readonly reason: string;
  readonly atMs: number;
}

export interface BatchPage {
  readonly batches: readonly string[];
  readonly continuation?: string;
}

/** Which entries of a batch are wanted: those that have all that is given. */
export interface EntryFilter {
  /** Any of these. */
  readonly outcomes?: readonly EntryState[] | undefined;
  /** What a dry run found out. */
  readonly would?: DryRunOutcome['would'] | undefined;
  /** How the address begins, in lower case, without `sip:`. */
  readonly user?: string | undefined;
}

export interface OutcomePage {
  readonly outcomes: readonly (LedgerEntry & { readonly part: number })[];
  readonly continuation?: string;
}

/** Thrown for a continuation that none of our pages ended with. */
export class ContinuationUnknownError extends Error {
  constructor() {
    super('This is not a valid continuation: use the link in `next` unchanged, or start again without one.');
    this.name = 'ContinuationUnknownError';
  }
}

/** The most entries that one transaction writes. */
export const transactionSize = 100;

/**
 * Where entries and their outcomes are kept. Each method throws StorageUnavailableError where storage fails, and
 * StorageRefusedError where it refuses what is to be written.
 */
export interface Ledger {
  readEntries(part: PartKey): Promise<readonly StoredEntry[]>;
  /** Inserts the entries that are missing and leaves the others as they are. Returns all entries of the part. */
  insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]>;
  /**
   * Writes at most {@link transactionSize} entries, all or none, if each still has its etag. Returns the new etags by
   * entry, or `conflict` and writes nothing.
   */
  writeEntries(
    part: PartKey,
    entries: readonly StoredEntry[],
  ): Promise<ReadonlyMap<number, string> | 'conflict'>;
  readPart(part: PartKey): Promise<StoredPart | undefined>;
  /** Writes if the part still has this etag. Returns the new etag, or `conflict` and writes nothing. */
  writePart(
    batch: string,
    record: PartRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'>;
  /** Adds a batch to the list unless it is there, and leaves it as it is otherwise. Returns its record. */
  registerBatch(batch: string, createdAtMs: number, submitted?: SubmittedBatch): Promise<RegisteredBatch>;
  /**
   * Adds what is submitted under its name to a batch that is there without: then `existed` is false. Leaves a batch that has
   * it as it is, and registers one that is not there.
   */
  announceBatch(batch: string, createdAtMs: number, submitted: SubmittedBatch): Promise<RegisteredBatch>;
  readBatch(batch: string): Promise<BatchRecord | undefined>;
  /** Adds a message to those that its batch lists, unless one with its id is there: that one stays as it is. */
  addRejectedMessage(batch: string, message: RejectedMessage): Promise<void>;
  /** Returns the rejected messages of a batch, at most `limit`, in the order of their ids. */
  readRejectedMessages(batch: string, limit: number): Promise<readonly RejectedMessage[]>;
  /** Marks a batch as cancelled, by an identified caller where there is one. Returns false where it does not exist. */
  cancelBatch(batch: string, by?: string): Promise<boolean>;
  /** Returns a page of batches, newest first. Throws {@link ContinuationUnknownError}. */
  listBatches(options: { continuation?: string; limit: number }): Promise<BatchPage>;
  /** Returns all parts of a batch, by number. */
  readParts(batch: string): Promise<readonly StoredPart[]>;
  /**
   * Returns a page of a batch's entries, in order. A page may be empty and have a continuation. Throws
   * {@link ContinuationUnknownError}.
   */
  readPage(
    batch: string,
    options: EntryFilter & { continuation?: string; limit: number },
  ): Promise<OutcomePage>;
}

/** Returns the state of an entry. */
export function stateOf({ outcome }: LedgerEntry): EntryState {
  return outcome?.outcome ?? 'pending';
}

/** Counts entries by state. */
export function countOutcomes(entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts: Partial<Record<EntryState, number>> = {};
  for (const entry of entries) {
    const state = stateOf(entry);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

/** True where an entry has a final outcome. */
export function isEnded({ outcome }: LedgerEntry): boolean {
  return outcome !== undefined && isFinal(outcome.outcome);
}
