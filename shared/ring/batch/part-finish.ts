import {
  countOutcomes,
  isEnded,
  type Ledger,
  type LedgerEntry,
  type OutcomeCounts,
} from '../ports/ledger.ts';
import type { Queues } from '../ports/queues.ts';
import { type BulkMessage, entryNumber } from './message.ts';
import { formatResults } from './summary.ts';

/**
 * Counts a part as the ledger has it, and sends the summary where all of it ended. Reading the part's etag before its
 * entries, and writing on that condition, makes the last of several messages the one that sees the whole.
 *
 * Of messages that end together, the one that marks the part sends the summary. Where a crash keeps it from that, it is
 * the same message that comes back, and knows its mark.
 *
 *     all ended ──► marked by another? leave it ──► mark If-Match ──► send ──► finished If-Match
 */
export async function finishPart(
  { ledger, queues }: { ledger: Ledger; queues: Queues },
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
    const counted = { ...record, counts: withMissing(record.entries, entries) };
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
    if (!isSent) await queues.sendResults(formatResults({ batch, part }, entries));
    isSent = true;
    const finished = { ...counted, summaryBy, finished: true };
    if ((await ledger.writePart(batch, finished, marked.etag)) !== 'conflict') return;
  }
}

/** Messages of one part differ in their generation or, sent on by the same one, in their entries. */
function markOf({ generation, entries: [first] }: BulkMessage): string {
  return `${generation}/${entryNumber(first, 0)}`;
}

/** Entries that a crash kept from the ledger are pending: their message comes back. */
function withMissing(announced: number, entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts = countOutcomes(entries);
  const missing = announced - entries.length;
  return missing > 0 ? { ...counts, pending: (counts.pending ?? 0) + missing } : counts;
}
