import type { RingDeps } from '../../ports/deps.ts';
import { countOutcomes, isEnded, type LedgerEntry, type OutcomeCounts } from '../../ports/ledger.ts';
import { isCallerBatch } from '../caller-batch.ts';
import { type BulkMessage, entryNumber } from '../message.ts';
import { formatResults } from '../summary.ts';

/**
 * Writes the counts of a part from its entries in the ledger, and sends its summary once all of them have ended. The part is
 * read before its entries, and written only if it has not changed since. So of several messages that end at the same time,
 * the one that writes last has seen the outcomes of all.
 *
 * Each of them may then find that all entries have ended: the one whose mark is stored in the part sends the summary. If it
 * crashes before that, it is delivered again and recognises its mark.
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

/** Returns a mark that no other message of the part has: they differ in generation, or else in their first entry. */
function markOf({ generation, entries: [first] }: BulkMessage): string {
  return `${generation}/${entryNumber(first, 0)}`;
}

/** An entry that is missing in the ledger counts as pending: a crash kept it out, and its message comes back. */
function countsOf(announced: number, entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts = countOutcomes(entries);
  const missing = announced - entries.length;
  return missing > 0 ? { ...counts, pending: (counts.pending ?? 0) + missing } : counts;
}
