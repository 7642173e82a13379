import { formatTime } from '../../runtime/format-time.ts';
import { type EntryState, entryStates } from '../model/outcome.ts';
import type { BatchRecord, Ledger, OutcomeCounts, PartRecord, SubmittedBatch } from '../ports/ledger.ts';

/** The most parts listed as missing. */
const maxMissingShown = 100;

/** The progress of a batch. Times are in ISO 8601. */
export interface BatchSummary {
  readonly batch: string;
  /** What its sender said of itself. */
  readonly source?: string;
  /** The identified caller who submitted it. */
  readonly by?: string;
  /** The earliest time of its parts. */
  readonly requestedAt?: string;
  /** Present once it is finished, unless 0.1 finished a part of it. */
  readonly finishedAt?: string;
  /** When the first of its entries that wait is due. It is past while the message waits or is being processed. */
  readonly nextTryAt?: string;
  /** As many as its row or its messages announce, or as were seen so far. */
  readonly parts: number;
  /** The first {@link maxMissingShown} parts that were announced and have not come. */
  readonly missing: readonly number[];
  readonly missingCount: number;
  readonly entries: number;
  readonly finished: boolean;
  readonly cancelled?: true;
  /** The identified caller who cancelled it. */
  readonly cancelledBy?: string;
  /** The batch that this one undoes, wholly or in part. */
  readonly undoes?: string;
  readonly counts: OutcomeCounts;
}

/** What the ledger holds of a batch besides its entries. */
export interface BatchRows {
  readonly parts: readonly PartRecord[];
  readonly record: BatchRecord | undefined;
}

/** Returns the progress of a batch; undefined where nothing is known of it. */
export function summarizeBatch(batch: string, { parts, record }: BatchRows): BatchSummary | undefined {
  if (parts.length === 0 && record === undefined) return undefined;
  const { submitted } = record ?? {};
  const announced = parts.reduce((most, part) => Math.max(most, part.parts ?? 0), submitted?.parts ?? 0);
  const seen = parts.reduce((sum, { entries }) => sum + entries, 0);
  const entries = Math.max(seen, submitted?.entries ?? 0);
  const missing = missingParts(parts, announced);
  const isCancelled = record?.cancelled === true;
  const isOver = (part: PartRecord) => part.finished || (isCancelled && !isAtWork(part));
  const finished = parts.length > 0 && missing.length === 0 && seen >= entries && parts.every(isOver);
  return {
    batch,
    ...sourceOf(parts, submitted),
    ...(submitted?.by === undefined ? {} : { by: submitted.by }),
    ...requestedAtOf(parts, submitted),
    ...(finished ? finishedAtOf(parts) : nextTryAtOf(parts)),
    parts: Math.max(announced, parts.length),
    missing: missing.slice(0, maxMissingShown),
    missingCount: missing.length,
    entries,
    finished,
    ...(isCancelled ? { cancelled: true } : {}),
    ...(record?.cancelledBy === undefined ? {} : { cancelledBy: record.cancelledBy }),
    ...(submitted?.undoes === undefined ? {} : { undoes: submitted.undoes }),
    counts: countsShown(parts, entries - seen, isCancelled),
  };
}

/** Reads what the ledger holds of a batch besides its entries. */
export async function readRows(ledger: Ledger, batch: string): Promise<BatchRows> {
  const [parts, record] = await Promise.all([ledger.readParts(batch), ledger.readBatch(batch)]);
  return { parts, record };
}

/** What waits for its time in a cancelled batch is cancelled, though its message comes round only later. */
function isAtWork({ counts }: PartRecord): boolean {
  return (counts.pending ?? 0) + (counts.deferred ?? 0) > 0;
}

function countsShown(parts: readonly PartRecord[], pending: number, isCancelled: boolean): OutcomeCounts {
  const { scheduled, ...counts } = addCounts([...parts.map((part) => part.counts), { pending }]);
  if (scheduled === undefined) return counts;
  return isCancelled
    ? { ...counts, cancelled: (counts.cancelled ?? 0) + scheduled }
    : { ...counts, scheduled };
}

function sourceOf(
  parts: readonly PartRecord[],
  submitted: SubmittedBatch | undefined,
): Pick<BatchSummary, 'source'> {
  const source = submitted?.source ?? parts.find((part) => part.source !== undefined)?.source;
  return source === undefined ? {} : { source };
}

function requestedAtOf(
  parts: readonly PartRecord[],
  submitted: SubmittedBatch | undefined,
): Pick<BatchSummary, 'requestedAt'> {
  const all = submitted === undefined ? parts : [...parts, submitted];
  const first = ascending(all.map(({ requestedAtMs }) => requestedAtMs)).at(0);
  return first === undefined ? {} : { requestedAt: formatTime(first) };
}

function finishedAtOf(parts: readonly PartRecord[]): Pick<BatchSummary, 'finishedAt'> {
  const ends = ascending(parts.flatMap(({ finishedAtMs }) => finishedAtMs ?? []));
  const last = ends.at(-1);
  return last === undefined || ends.length < parts.length ? {} : { finishedAt: formatTime(last) };
}

function nextTryAtOf(parts: readonly PartRecord[]): Pick<BatchSummary, 'nextTryAt'> {
  const first = ascending(parts.flatMap(({ nextTryAtMs }) => nextTryAtMs ?? [])).at(0);
  return first === undefined ? {} : { nextTryAt: formatTime(first) };
}

function ascending(times: readonly number[]): readonly number[] {
  return times.toSorted((a, b) => a - b);
}

function missingParts(parts: readonly PartRecord[], announced: number): readonly number[] {
  const come = new Set(parts.map(({ part }) => part));
  return Array.from({ length: announced }, (_, part) => part).filter((part) => !come.has(part));
}

function addCounts(all: readonly OutcomeCounts[]): OutcomeCounts {
  const sums: Partial<Record<EntryState, number>> = {};
  for (const state of entryStates) {
    const sum = all.reduce((some, counts) => some + (counts[state] ?? 0), 0);
    if (sum > 0) sums[state] = sum;
  }
  return sums;
}
