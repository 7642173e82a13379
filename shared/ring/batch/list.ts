import type { Ledger } from '../ports/ledger.ts';
import { type BatchSummary, readSummary } from './status.ts';

/** The newest batches, each with its counts. */
export async function listBatches(
  ledger: Ledger,
  page: { continuation?: string; limit: number },
): Promise<{ batches: readonly BatchSummary[]; continuation?: string }> {
  const { batches, continuation } = await ledger.listBatches(page);
  const found = await Promise.all(batches.map((batch) => readSummary(ledger, batch)));
  const summaries = found.filter((summary) => summary !== undefined);
  return { batches: summaries, ...(continuation === undefined ? {} : { continuation }) };
}
