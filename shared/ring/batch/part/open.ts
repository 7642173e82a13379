import { withEnd } from '../../model/outcome.ts';
import { cutText } from '../../model/stored-text.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import type { Ledger, LedgerEntry, PartRecord } from '../../ports/ledger.ts';
import type { BulkMessage, QueuedMessage } from '../message/message.ts';
import { isSubmittedByUs } from '../own-batch.ts';
import { belongsTo } from '../owner.ts';
import type { MessagePlan } from '../plan.ts';
import type { WorkItem } from '../work-item.ts';
import { countedPart } from './counted.ts';
import { PartWriter } from './writer.ts';

/** A part that stands in the ledger, and what is left to do of its message. */
export interface OpenedPart {
  readonly writer: PartWriter;
  /** The time of the request: a message that is delivered again keeps its first. */
  readonly requestedAtMs: number;
  /** When the part was first taken, by our own clock: the hours of trying count from here. */
  readonly takenAtMs: number;
  readonly items: readonly WorkItem[];
  /** Entries that the ledger has with different content: the name of the batch is already used for that. */
  readonly refused: readonly LedgerEntry[];
  readonly isCancelled: boolean;
  /** False for the batch of a caller over HTTP, who watches it. */
  readonly hasSummary: boolean;
  /** The identified caller who submitted the batch. */
  readonly by: string | undefined;
}

/**
 * Enters a message's part and entries in the ledger unless they are there, and finds out what is left to do. A message
 * that was delivered before continues where the ledger says; one whose name is already used for different content is refused.
 * Returns `foreign`, and enters nothing, for a message under the name of a batch that an identified caller submitted.
 */
export async function openPart(
  deps: Pick<RingDeps, 'ledger' | 'clock'>,
  call: Pick<Invocation, 'log' | 'correlationId'>,
  message: QueuedMessage,
  requestedAtMs: number,
  plan: MessagePlan,
): Promise<OpenedPart | 'foreign'> {
  const { ledger, clock } = deps;
  const { batch, part, generation } = message;
  const key = { batch, part };
  const nowMs = clock.nowMs();
  const entries = plan.entries.map((entry) => withEndOf(entry, nowMs));
  const first = partRecord(message, { requestedAtMs, enteredAtMs: nowMs }, { ...plan, entries });
  const registered = await ledger.registerBatch(batch, nowMs);
  if (!belongsTo(registered, message)) return 'foreign';
  const { record, etag } = await enterPart(ledger, batch, first);
  const isRequeued = generation > 0;
  // Different content under the same name adds no entries; each of its entries is refused below.
  const isOther = !isRequeued && record.digest !== first.digest && record.digest !== plan.digestsOf01().part;
  const stored = isOther ? await ledger.readEntries(key) : await ledger.insertEntries(key, entries);
  const digests = new Map(stored.map(({ entry, digest }) => [entry, digest]));
  const isStored = ({ entry, digest }: LedgerEntry) =>
    digests.get(entry) === digest || digests.get(entry) === plan.digestsOf01().entries.get(entry);
  const refused = entries.filter((entry) => !isStored(entry));
  const refusedNumbers = new Set(refused.map(({ entry }) => entry));
  const writer = new PartWriter(deps, call, { key, generation, record, etag, entries: stored });
  const items = plan.items.filter(({ entry }) => writer.isOpen(entry) && !refusedNumbers.has(entry));
  if (isRequeued) await writer.takeOver(items.map(({ entry }) => entry));
  for (const { entry, outcome } of entries) {
    if (outcome === undefined || !writer.isOpen(entry) || refusedNumbers.has(entry)) continue;
    // Where entries are refused, the one that supersedes this one may be among them: it is not ended then.
    if (outcome.outcome === 'rejected' || refused.length === 0) await writer.add(entry, outcome);
  }
  return {
    writer,
    requestedAtMs: isRequeued ? requestedAtMs : Math.min(requestedAtMs, record.requestedAtMs),
    takenAtMs: takenAtMsOf(record),
    items: items.filter(({ entry }) => writer.isOpen(entry)),
    refused,
    isCancelled: registered.cancelled,
    hasSummary: !isSubmittedByUs(registered, record.source),
    by: registered.submitted?.by,
  };
}

function withEndOf(entry: LedgerEntry, nowMs: number): LedgerEntry {
  const { outcome } = entry;
  return outcome === undefined ? entry : { ...entry, outcome: withEnd(outcome, nowMs) };
}

/** The first rows of 0.1 do not tell it: there the time of the request serves. */
function takenAtMsOf({ enteredAtMs, requestedAtMs }: PartRecord): number {
  return enteredAtMs > 0 ? enteredAtMs : requestedAtMs;
}

/** Returns the record of a part that is being entered. */
export function partRecord(
  { part, parts, source }: Pick<BulkMessage, 'part' | 'parts' | 'source'>,
  times: Pick<PartRecord, 'requestedAtMs' | 'enteredAtMs'>,
  { entries, digest }: Pick<MessagePlan, 'entries' | 'digest'>,
): PartRecord {
  const record = {
    part,
    ...(parts === undefined ? {} : { parts }),
    ...(source === undefined ? {} : { source: cutText(source) }),
    entries: entries.length,
    digest,
    ...times,
    counts: {},
    finished: false,
  };
  return countedPart(record, entries);
}

async function enterPart(
  ledger: Ledger,
  batch: string,
  first: PartRecord,
): Promise<{ record: PartRecord; etag: string | undefined }> {
  const written = await ledger.writePart(batch, first, undefined);
  if (written !== 'conflict') return { record: first, etag: written.etag };
  const stored = await ledger.readPart({ batch, part: first.part });
  if (stored === undefined) return { record: first, etag: undefined };
  const { etag, ...record } = stored;
  return { record, etag };
}
