import { countOutcomes, isEnded, type Ledger, type LedgerEntry, type PartKey } from './ledger.ts';
import type { Queues } from './queues.ts';
import { formatResults } from './results.ts';

/**
 * Counts a part as the ledger has it, and sends the summary where all of it ended. Reading the part's etag before its
 * entries, and writing on that condition, makes the last of several workers the one that sees the whole.
 */
export async function finishPart(
  { ledger, queues }: { ledger: Ledger; queues: Queues },
  key: PartKey,
): Promise<void> {
  for (;;) {
    const part = await ledger.readPart(key);
    if (part === undefined || part.finished) return;
    const entries = await ledger.readEntries(key);
    const finished = entries.every(isEnded) && entries.length >= part.entries;
    if (finished) await queues.sendResults(formatResults(key, entries));
    const { etag, ...record } = part;
    const next = { ...record, counts: withMissing(part.entries, entries), finished };
    if ((await ledger.writePart(key.batch, next, etag)) !== 'conflict') return;
  }
}

/** Entries that a crash kept from the ledger are pending: their message comes back. */
function withMissing(announced: number, entries: readonly LedgerEntry[]) {
  const counts = countOutcomes(entries);
  const missing = announced - entries.length;
  return missing > 0 ? { ...counts, pending: (counts['pending'] ?? 0) + missing } : counts;
}
