import { type EntryState, entryStates, type Outcome } from '../model/outcome.ts';
import type { Ledger, OutcomeCounts } from '../ports/ledger.ts';

/** The progress of a batch. */
export interface BatchSummary {
  readonly batch: string;
  /** As many as its messages announce, or as were seen so far. */
  readonly parts: number;
  readonly entries: number;
  readonly finished: boolean;
  readonly cancelled?: true;
  readonly counts: OutcomeCounts;
}

/** The progress of a batch, and a page of its entries. */
export interface BatchStatus extends BatchSummary {
  readonly outcomes: readonly EntryStatus[];
  readonly continuation?: string;
}

/** One entry; without an outcome while it is pending. */
type EntryStatus = (Outcome | { readonly user: string }) & {
  readonly part: number;
  readonly entry: number;
  readonly ref?: string;
};

interface PageOptions {
  readonly continuation?: string;
  readonly limit: number;
}

/** Reads the progress of a batch and a page of its entries; undefined where the batch does not exist. */
export async function readBatch(
  ledger: Ledger,
  batch: string,
  page: PageOptions & { outcome?: EntryState },
): Promise<BatchStatus | undefined> {
  const [summary, { outcomes, continuation }] = await Promise.all([
    readSummary(ledger, batch),
    ledger.readPage(batch, page),
  ]);
  if (summary === undefined) return undefined;
  return {
    ...summary,
    outcomes: outcomes.map(({ part, entry, ref, user, outcome }) => ({
      part,
      entry,
      ...(ref === undefined ? {} : { ref }),
      user,
      ...outcome,
    })),
    ...(continuation === undefined ? {} : { continuation }),
  };
}

/** Reads a page of the newest batches, each with its progress. */
export async function listBatches(
  ledger: Ledger,
  page: PageOptions,
): Promise<{ batches: readonly BatchSummary[]; continuation?: string }> {
  const { batches, continuation } = await ledger.listBatches(page);
  const found = await Promise.all(batches.map((batch) => readSummary(ledger, batch)));
  const summaries = found.filter((summary) => summary !== undefined);
  return { batches: summaries, ...(continuation === undefined ? {} : { continuation }) };
}

async function readSummary(ledger: Ledger, batch: string): Promise<BatchSummary | undefined> {
  const [parts, record] = await Promise.all([ledger.readParts(batch), ledger.readBatch(batch)]);
  if (parts.length === 0) return undefined;
  const announced = Math.max(0, ...parts.map((part) => part.parts ?? 0));
  return {
    batch,
    parts: Math.max(announced, parts.length),
    entries: parts.reduce((sum, { entries }) => sum + entries, 0),
    finished: parts.length >= announced && parts.every(({ finished }) => finished),
    ...(record?.cancelled === true ? { cancelled: true } : {}),
    counts: addCounts(parts.map(({ counts }) => counts)),
  };
}

function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sums: Partial<Record<EntryState, number>> = {};
  for (const state of entryStates) {
    const sum = all.reduce((some, counts) => some + (counts[state] ?? 0), 0);
    if (sum > 0) sums[state] = sum;
  }
  return sums;
}
