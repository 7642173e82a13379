import type { RingDeps } from '../../ports/deps.ts';
import { isEnded, type LedgerEntry, type PartRecord } from '../../ports/ledger.ts';
import { entryNumber } from '../message/entry.ts';
import type { QueuedMessage } from '../message/message.ts';
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
 *
 * Where only entries are left that wait for their time, a first summary is sent in the same way, under a mark of its own.
 */
export async function finishPart(
  { ledger, queues, clock }: Pick<RingDeps, 'ledger' | 'queues' | 'clock'>,
  message: QueuedMessage,
  { hasSummary }: { readonly hasSummary: boolean },
): Promise<void> {
  const { batch, part } = message;
  const mark = markOf(message);
  const sent = new Set<SummaryMark>();
  for (;;) {
    const stored = await ledger.readPart({ batch, part });
    if (stored === undefined || stored.finished) return;
    const { etag, ...record } = stored;
    const entries = await ledger.readEntries({ batch, part });
    const counted = countedPart(record, entries);
    const name = summaryDue(record, entries);
    if (name === undefined || (record[name] !== undefined && record[name] !== mark)) {
      if (name === 'summaryBy' || (await ledger.writePart(batch, counted, etag)) !== 'conflict') return;
      continue;
    }
    const isMarked = record[name] !== undefined;
    const marked = isMarked ? { etag } : await ledger.writePart(batch, { ...counted, [name]: mark }, etag);
    if (marked === 'conflict') continue;
    const isSecond = name === 'summaryBy' && record.interimBy !== undefined;
    if (!sent.has(name) && hasSummary)
      await queues.sendResults(formatResults({ batch, part }, entries, isSecond));
    sent.add(name);
    if (name === 'interimBy') return;
    const finished = { ...counted, summaryBy: mark, finished: true, finishedAtMs: clock.nowMs() };
    if ((await ledger.writePart(batch, finished, marked.etag)) !== 'conflict') return;
  }
}

/** The mark of the message that sends a summary: of the part as a whole, or while entries still wait for their time. */
type SummaryMark = 'summaryBy' | 'interimBy';

/** Returns the summary that is due; undefined while an entry is at work, or its message has not come. */
function summaryDue(record: PartRecord, entries: readonly LedgerEntry[]): SummaryMark | undefined {
  if (entries.length < record.entries) return undefined;
  if (entries.every(isEnded)) return 'summaryBy';
  return entries.every((entry) => isEnded(entry) || entry.outcome?.outcome === 'scheduled')
    ? 'interimBy'
    : undefined;
}

/** Returns a mark that no other message of the part has: they differ in generation, or else in their first entry. */
function markOf({ generation, entries: [first] }: QueuedMessage): string {
  return `${generation}/${entryNumber(first, 0)}`;
}
