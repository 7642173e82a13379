import { countOutcomes, type Ledger, type LedgerEntry, type PartRecord } from '../ports/ledger.ts';
import type { BulkMessage } from './message.ts';
import { PartWriter, type PartWriterParts } from './part-writer.ts';
import type { MessagePlan, WorkItem } from './plan.ts';

/** A part that is entered in the ledger, and what of the message is to be worked on. */
export interface OpenedPart {
  readonly writer: PartWriter;
  /** When it was asked for: what is delivered again keeps the time that it first had. */
  readonly requestedAtMs: number;
  readonly items: readonly WorkItem[];
  /** Entries in whose place the ledger has others: the batch's name stands for other content. */
  readonly refused: readonly LedgerEntry[];
  readonly isCancelled: boolean;
}

/**
 * Enters a message's part and entries in the ledger, unless they are there, and finds what is left to do. A message
 * that was delivered before goes on where the ledger says; one of the same name and other content is told apart.
 */
export async function openPart(
  parts: PartWriterParts,
  message: BulkMessage,
  requestedAtMs: number,
  plan: MessagePlan,
): Promise<OpenedPart> {
  const { ledger, clock } = parts;
  const { batch, part, generation } = message;
  const key = { batch, part };
  const nowMs = clock.nowMs();
  const first = partRecord(message, { requestedAtMs, enteredAtMs: nowMs }, plan);
  const { cancelled } = await ledger.registerBatch(batch, nowMs);
  const { record, etag } = await enterPart(ledger, batch, first);
  const isSentOn = generation > 0;
  const isOther = !isSentOn && record.digest !== first.digest;
  const stored = isOther ? await ledger.readEntries(key) : await ledger.insertEntries(key, plan.entries);
  const digests = new Map(stored.map(({ entry, digest }) => [entry, digest]));
  const refused = plan.entries.filter(({ entry, digest }) => digests.get(entry) !== digest);
  const refusedPlaces = new Set(refused.map(({ entry }) => entry));
  const writer = new PartWriter(parts, { key, generation, record, etag, entries: stored });
  const items = plan.items.filter(({ entry }) => writer.isOpen(entry) && !refusedPlaces.has(entry));
  if (isSentOn) await writer.takeOver(items.map(({ entry }) => entry));
  for (const { entry, outcome } of plan.entries) {
    if (outcome === undefined || !writer.isOpen(entry) || refusedPlaces.has(entry)) continue;
    // What supersedes this entry may be one that is refused.
    if (outcome.outcome === 'rejected' || refused.length === 0) await writer.add(entry, outcome);
  }
  return {
    writer,
    requestedAtMs: isSentOn ? requestedAtMs : Math.min(requestedAtMs, record.requestedAtMs),
    items: items.filter(({ entry }) => writer.isOpen(entry)),
    refused,
    isCancelled: cancelled,
  };
}

function partRecord(
  message: BulkMessage,
  times: Pick<PartRecord, 'requestedAtMs' | 'enteredAtMs'>,
  { entries, digest }: MessagePlan,
): PartRecord {
  const { part, parts, source } = message;
  return {
    part,
    ...(parts === undefined ? {} : { parts }),
    ...(source === undefined ? {} : { source }),
    entries: entries.length,
    digest,
    ...times,
    counts: countOutcomes(entries),
    finished: false,
  };
}

async function enterPart(
  ledger: Ledger,
  batch: string,
  first: PartRecord,
): Promise<{ record: PartRecord; etag: string | undefined }> {
  const written = await ledger.writePart(batch, first, undefined);
  if (written !== 'conflict') return { record: first, etag: written.etag };
  const there = await ledger.readPart({ batch, part: first.part });
  if (there === undefined) return { record: first, etag: undefined };
  const { etag, ...record } = there;
  return { record, etag };
}
