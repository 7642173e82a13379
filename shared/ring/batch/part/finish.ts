import type { RingDeps } from '../../ports/deps.ts';
import { isEnded } from '../../ports/ledger.ts';
import { entryNumber } from '../message/entry.ts';
import type { BulkMessage } from '../message/message.ts';
import { formatResults } from '../summary.ts';
import { countedPart } from './counted.ts';

/**
 * Writes the counts of a part from its entries in the ledger, and sends its summary once all of them have ended. The part is
 * read before its entries, and written only if it has not changed since. So of several messages that end at the same time,
 * the one that writes last has seen the outcomes of all.
 *
 * Each of them may then find that all entries have ended: the one whose mark is stored in the part sends the summary. If it
 * crashes before that, it is delivered again and recognises its mark.
 *
 *     all ended ──► marked by another? leave it ──► mark If-Match ──► send ──► finished If-Match
 */
export async function finishPart(
  { ledger, queues, clock }: Pick<RingDeps, 'ledger' | 'queues' | 'clock'>,
  message: BulkMessage,
  { hasSummary }: { readonly hasSummary: boolean },
): Promise<void> {
  const { batch, part } = message;
  const summaryBy = markOf(message);
  let isSent = false;
  for (;;) {
    const stored = await ledger.readPart({ batch, part });
    if (stored === undefined || stored.finished) return;
    const { etag, ...record } = stored;
    const entries = await ledger.readEntries({ batch, part });
    const counted = countedPart(record, entries);
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
    if (!isSent && hasSummary) await queues.sendResults(formatResults({ batch, part }, entries));
    isSent = true;
    const finished = { ...counted, summaryBy, finished: true, finishedAtMs: clock.nowMs() };
    if ((await ledger.writePart(batch, finished, marked.etag)) !== 'conflict') return;
  }
}

/** Returns a mark that no other message of the part has: they differ in generation, or else in their first entry. */
function markOf({ generation, entries: [first] }: BulkMessage): string {
  return `${generation}/${entryNumber(first, 0)}`;
}
