import { type EntryState, entryStates, type Outcome } from '../model/outcome.ts';
import type { Ledger, OutcomeCounts } from '../ports/ledger.ts';

/** How far a batch is. */
export interface BatchSummary {
  readonly batch: string;
  /** What its messages announce, or what was seen so far. */
  readonly parts: number;
  readonly entries: number;
  readonly finished: boolean;
  /** Somebody cancelled it: what was not begun by then is not begun any more. */
  readonly cancelled?: true;
  readonly counts: OutcomeCounts;
}

/** How far a batch is, and a page of its outcomes. */
export interface BatchStatus extends BatchSummary {
  readonly outcomes: readonly (Partial<Outcome> & { readonly part: number; readonly entry: number })[];
  readonly continuation?: string;
}

/** Reads how far a batch is; undefined where there is none. */
export async function readSummary(ledger: Ledger, batch: string): Promise<BatchSummary | undefined> {
  const [parts, known] = await Promise.all([ledger.readParts(batch), ledger.readBatch(batch)]);
  if (parts.length === 0) return undefined;
  const announced = Math.max(0, ...parts.map((part) => part.parts ?? 0));
  return {
    batch,
    parts: Math.max(announced, parts.length),
    entries: parts.reduce((sum, { entries }) => sum + entries, 0),
    finished: parts.length >= announced && parts.every(({ finished }) => finished),
    ...(known?.cancelled === true ? { cancelled: true } : {}),
    counts: addCounts(parts.map(({ counts }) => counts)),
  };
}

/** Reads a batch with a page of its outcomes; undefined where there is none. */
export async function readBatch(
  ledger: Ledger,
  batch: string,
  page: { outcome?: EntryState; continuation?: string; limit: number },
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

function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sum: Partial<Record<EntryState, number>> = {};
  for (const state of entryStates) {
    const count = all.reduce((some, counts) => some + (counts[state] ?? 0), 0);
    if (count > 0) sum[state] = count;
  }
  return sum;
}
