import { type EntryState, entryStates, type Outcome } from '../model/outcome.ts';
import type { Ledger, OutcomeCounts, PartRecord } from '../ports/ledger.ts';

/** The most parts listed as missing. */
export const maxMissingShown = 100;

/** The progress of a batch. */
export interface BatchSummary {
  readonly batch: string;
  /** As many as its row or its messages announce, or as were seen so far. */
  readonly parts: number;
  /** The first {@link maxMissingShown} parts that were announced and have not come. */
  readonly missing: readonly number[];
  readonly missingCount: number;
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

/**
 * Cancels a batch: entries that have written nothing end as cancelled, the others end as they end. Returns `finished`, and
 * marks nothing, where every entry has ended; a batch that was cancelled before stays so.
 */
export async function cancelBatch(
  ledger: Ledger,
  batch: string,
): Promise<'cancelled' | 'finished' | 'not-found'> {
  const summary = await readSummary(ledger, batch);
  if (summary?.cancelled === true) return 'cancelled';
  if (summary?.finished === true) return 'finished';
  return (await ledger.cancelBatch(batch)) ? 'cancelled' : 'not-found';
}

async function readSummary(ledger: Ledger, batch: string): Promise<BatchSummary | undefined> {
  const [parts, record] = await Promise.all([ledger.readParts(batch), ledger.readBatch(batch)]);
  if (parts.length === 0 && record === undefined) return undefined;
  const { submitted } = record ?? {};
  const announced = parts.reduce((most, part) => Math.max(most, part.parts ?? 0), submitted?.parts ?? 0);
  const seen = parts.reduce((sum, { entries }) => sum + entries, 0);
  const entries = Math.max(seen, submitted?.entries ?? 0);
  const missing = missingParts(parts, announced);
  return {
    batch,
    parts: Math.max(announced, parts.length),
    missing: missing.slice(0, maxMissingShown),
    missingCount: missing.length,
    entries,
    finished: parts.length > 0 && missing.length === 0 && parts.every(({ finished }) => finished),
    ...(record?.cancelled === true ? { cancelled: true } : {}),
    counts: addCounts([...parts.map(({ counts }) => counts), { pending: entries - seen }]),
  };
}

function missingParts(parts: readonly PartRecord[], announced: number): readonly number[] {
  const come = new Set(parts.map(({ part }) => part));
  return Array.from({ length: announced }, (_, part) => part).filter((part) => !come.has(part));
}

function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sums: Partial<Record<EntryState, number>> = {};
  for (const state of entryStates) {
    const sum = all.reduce((some, counts) => some + (counts[state] ?? 0), 0);
    if (sum > 0) sums[state] = sum;
  }
  return sums;
}
