import type { RingDeps } from '../ports/deps.ts';
import { countOutcomes, isEnded, type LedgerEntry, type OutcomeCounts } from '../ports/ledger.ts';
import { isCallerBatch } from './caller-batch.ts';
import { type BulkMessage, entryNumber } from './message.ts';
import { formatResults } from './summary.ts';

/**
 * Counts a part as the ledger has it, and sends its summary where all entries have ended. The part's etag is read before
 * its entries and is the condition of the write, so the last of several messages is the one that sees them all.
 *
 * Of messages that end together, the one that marks the part sends the summary. After a crash in between, that same
 * message comes back and recognises its mark.
 *
 *     all ended ──► marked by another? leave it ──► mark If-Match ──► send ──► finished If-Match
 *
 * The change of a caller over HTTP has no summary.
 */
export async function finishPart(
  { ledger, queues }: Pick<RingDeps, 'ledger' | 'queues'>,
  message: BulkMessage,
): Promise<void> {
  const { batch, part } = message;
  const summaryBy = markOf(message);
  let isSent = false;
  for (;;) {
    const stored = await ledger.readPart({ batch, part });
    if (stored === undefined || stored.finished) return;
    const { etag, ...record } = stored;
    const entries = await ledger.readEntries({ batch, part });
    const counted = { ...record, counts: countsOf(record.entries, entries) };
    if (entries.length < record.entries || !entries.every(isEnded)) {
      if ((await ledger.writePart(batch, counted, etag)) === 'conflict') continue;
      return;
    }
    if (record.summaryBy !== undefined && record.summaryBy !== summaryBy) return;
    const marked =
      record.summaryBy === undefined
        ? await ledger.writePart(batch, { ...counted, summaryBy }, etag)
        : { etag };
    if (marked === 'conflict') continue;
    if (!isSent && !isCallerBatch(batch, record.source))
      await queues.sendResults(formatResults({ batch, part }, entries));
    isSent = true;
    const finished = { ...counted, summaryBy, finished: true };
    if ((await ledger.writePart(batch, finished, marked.etag)) !== 'conflict') return;
  }
}

/** Messages of one part differ in their generation or, requeued by the same one, in their entries. */
function markOf({ generation, entries: [first] }: BulkMessage): string {
  return `${generation}/${entryNumber(first, 0)}`;
}

/** Announced entries that are missing in the ledger are pending: a crash kept them out, and their message comes back. */
function countsOf(announced: number, entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts = countOutcomes(entries);
  const missing = announced - entries.length;
  return missing > 0 ? { ...counts, pending: (counts.pending ?? 0) + missing } : counts;
}
