import type { Ledger, OutcomeCounts, OutcomePage } from './ledger.ts';
import type { Outcome } from './outcome.ts';

/** Progress of a batch, and a page of its outcomes. */
export interface BatchStatus {
  readonly batch: string;
  readonly parts: number;
  readonly entries: number;
  readonly finished: boolean;
  readonly counts: OutcomeCounts;
  readonly outcomes: readonly (Partial<Outcome> & { readonly part: number; readonly entry: number })[];
  readonly continuation?: string;
}

/** Reads a batch; undefined where there is none. A limit of 0 asks for no outcomes. `parts` is what its messages announce, or what was seen so far. */
export async function readBatch(
  ledger: Ledger,
  batch: string,
  page: { outcome?: string; continuation?: string; limit: number },
): Promise<BatchStatus | undefined> {
  const noPage: OutcomePage = { outcomes: [] };
  const [parts, { outcomes, continuation }] = await Promise.all([
    ledger.readParts(batch),
    page.limit === 0 ? noPage : ledger.readPage(batch, page),
  ]);
  if (parts.length === 0) return undefined;
  const announced = Math.max(0, ...parts.map((part) => part.parts ?? 0));
  return {
    batch,
    parts: Math.max(announced, parts.length),
    entries: parts.reduce((sum, { entries }) => sum + entries, 0),
    finished: parts.length >= announced && parts.every(({ finished }) => finished),
    counts: addCounts(parts.map(({ counts }) => counts)),
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
  const sum: Record<string, number> = {};
  for (const counts of all) {
    for (const [outcome, count] of Object.entries(counts)) sum[outcome] = (sum[outcome] ?? 0) + count;
  }
  return sum;
}
