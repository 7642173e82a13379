import { type BatchStatus, readBatch } from './batch-status.ts';
import type { Ledger } from './ledger.ts';

/** A batch among others: its progress without its outcomes. */
export type BatchSummary = Omit<BatchStatus, 'outcomes' | 'continuation'>;

/** The newest batches, each with its counts. */
export async function listBatches(
  ledger: Ledger,
  page: { continuation?: string; limit: number },
): Promise<{ batches: readonly BatchSummary[]; continuation?: string }> {
  const { batches, continuation } = await ledger.listBatches(page);
  const found = await Promise.all(batches.map((batch) => readBatch(ledger, batch, { limit: 0 })));
  const summaries = found.flatMap((status) => {
    if (status === undefined) return [];
    const { outcomes: _outcomes, continuation: _continuation, ...summary } = status;
    return [summary];
  });
  return { batches: summaries, ...(continuation === undefined ? {} : { continuation }) };
}
