import * as z from 'zod';
import { type EntryState, entryStates, type Outcome } from '../../ring/model/outcome.ts';
import {
  type BatchRecord,
  type LedgerEntry,
  type OutcomeCounts,
  type PartKey,
  type PartRecord,
  type RejectedMessage,
  type StoredEntry,
  type StoredPart,
  stateOf,
} from '../../ring/ports/ledger.ts';
import { parseJson } from '../../runtime/json.ts';
import { outcomeSchema } from './stored-outcome.ts';

/** The row of a batch in the partition of its parts, whose rows are numbers. */
const batchRow = '!batch';

/** What the row keys of rejected messages begin with, in the partition of a batch: like the row above, before those of parts. */
const rejectedRows = '!rejected|';

/** The partition that lists all batches; no batch can have this name. */
export const batchList = '|batches';

/** Where the rows of parts begin, in the partition of a batch. */
export const firstPartRow = '0';

/** Keys of a row that never exists. */
export const absentKey = { partitionKey: '|health', rowKey: '!' } as const;

interface RowKey {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/** Returns the keys of a batch's row. */
export function batchKey(batch: string): RowKey {
  return { partitionKey: batch, rowKey: batchRow };
}

/** The range of the row keys of rejected messages: from `first` up to but not including `end`. */
export const rejectedRange = { first: rejectedRows, end: '!rejected}' } as const;

/** Returns the keys of a part's row. */
export function partKey({ batch, part }: PartKey): RowKey {
  return { partitionKey: batch, rowKey: paddedNumber(part) };
}

/** Returns the partition of a part's entries. */
export function entriesPartition({ batch, part }: PartKey): string {
  return `${batch}|${paddedNumber(part)}`;
}

/** Returns the row key of a batch in the list. As text, that of a newer batch sorts first. */
export function listRow({ batch, createdAtMs }: Omit<BatchRecord, 'cancelled'>): string {
  return `${String(Number.MAX_SAFE_INTEGER - createdAtMs).padStart(16, '0')}|${batch}`;
}

/** Returns the batch that a row of the list names. */
export function batchOf(row: string): string {
  return row.slice(row.indexOf('|') + 1);
}

/** Keys sort as text. */
function paddedNumber(number: number): string {
  return String(number).padStart(6, '0');
}

/** Makes the row of an entry. */
export function entryEntity(part: PartKey, entry: LedgerEntry & Pick<StoredEntry, 'otherColumns'>) {
  const { ref, user, outcome, generation, digest } = entry;
  return {
    partitionKey: entriesPartition(part),
    rowKey: paddedNumber(entry.entry),
    user,
    hop: generation,
    digest,
    outcome: stateOf(entry),
    ...(ref === undefined ? {} : { ref }),
    ...(outcome === undefined ? {} : { code: codeOf(outcome), result: JSON.stringify(outcome) }),
    ...entry.otherColumns,
  };
}

/** For people who filter the table; the outcome itself is in `result`. */
function codeOf(outcome: Outcome): string | undefined {
  return 'code' in outcome ? outcome.code : undefined;
}

/** Columns that storage itself adds, and those that repeat what `result` says. */
const ignoredColumns: readonly string[] = ['timestamp', 'outcome', 'code'];

/** Returns the columns that only a newer version knows: they are kept when the row is written again. */
function otherColumns(columns: object): { otherColumns?: Readonly<Record<string, unknown>> } {
  const others = Object.entries(columns).filter(
    ([name]) => !ignoredColumns.includes(name) && !name.startsWith('odata.'),
  );
  return others.length === 0 ? {} : { otherColumns: Object.fromEntries(others) };
}

const entrySchema = z.looseObject({
  partitionKey: z.string(),
  rowKey: z.string(),
  etag: z.string(),
  user: z.string(),
  ref: z.string().optional(),
  result: z.string().optional(),
  hop: z.number(),
  digest: z.string(),
});

/** Reads the row of an entry. Throws a ZodError if it cannot be read. */
export function readEntry(entity: unknown): StoredEntry & { readonly part: number } {
  const { partitionKey, rowKey, etag, user, ref, result, hop, digest, ...others } = entrySchema.parse(entity);
  const outcome = result === undefined ? undefined : outcomeSchema.parse(parseJson(result));
  return {
    part: Number(partitionKey.slice(partitionKey.indexOf('|') + 1)),
    entry: Number(rowKey),
    user,
    generation: hop,
    digest,
    ...(ref === undefined ? {} : { ref }),
    ...(outcome === undefined ? {} : { outcome }),
    etag,
    ...otherColumns(others),
  };
}

/** Makes the row of a part. */
export function partEntity(batch: string, record: PartRecord) {
  const { part, counts, otherColumns: others, ...columns } = record;
  return { ...partKey({ batch, part }), ...columns, counts: JSON.stringify(counts), ...others };
}

/** A state that only a newer version knows counts as one that is still open. */
const countsSchema = z.record(z.string(), z.number()).transform((stored): OutcomeCounts => {
  const counts: Partial<Record<EntryState, number>> = {};
  for (const [name, count] of Object.entries(stored)) {
    const state = entryStates.find((known) => known === name) ?? 'pending';
    counts[state] = (counts[state] ?? 0) + count;
  }
  return counts;
});

const partSchema = z.looseObject({
  partitionKey: z.string(),
  rowKey: z.string(),
  etag: z.string(),
  parts: z.number().optional(),
  entries: z.number(),
  digest: z.string().default(''),
  requestedAtMs: z.number(),
  enteredAtMs: z.number().default(0),
  counts: z.string(),
  finished: z.boolean(),
  finishedAtMs: z.number().optional(),
  nextTryAtMs: z.number().optional(),
  summaryBy: z.string().optional(),
  interimBy: z.string().optional(),
  source: z.string().optional(),
});

/** Reads the row of a part. Throws a ZodError if it cannot be read. */
export function readPart(entity: unknown): StoredPart {
  const row = partSchema.parse(entity);
  const { partitionKey: _batch, rowKey, etag, parts, counts, summaryBy, interimBy, source, ...rest } = row;
  const { entries, digest, requestedAtMs, enteredAtMs, finished, finishedAtMs, nextTryAtMs, ...others } =
    rest;
  return {
    entries,
    digest,
    requestedAtMs,
    enteredAtMs,
    finished,
    part: Number(rowKey),
    ...(parts === undefined ? {} : { parts }),
    ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
    ...(nextTryAtMs === undefined ? {} : { nextTryAtMs }),
    ...(summaryBy === undefined ? {} : { summaryBy }),
    ...(interimBy === undefined ? {} : { interimBy }),
    ...(source === undefined ? {} : { source }),
    counts: countsSchema.parse(parseJson(counts)),
    etag,
    ...otherColumns(others),
  };
}

/** Makes the row of a batch. */
export function batchEntity({ batch, submitted, ...columns }: BatchRecord) {
  if (submitted === undefined) return { ...batchKey(batch), ...columns };
  const { sizes, ...told } = submitted;
  return {
    ...batchKey(batch),
    ...columns,
    ...told,
    ...(sizes === undefined ? {} : { sizes: JSON.stringify(sizes) }),
  };
}

const submittedSchema = z.object({
  digest: z.string(),
  requestedAtMs: z.number(),
  source: z.string().exactOptional(),
  by: z.string().exactOptional(),
  ticket: z.string().exactOptional(),
  parts: z.number(),
  entries: z.number(),
  undoes: z.string().exactOptional(),
  hasSummary: z.literal(true).exactOptional(),
  sizes: z.string().transform(parseJson).pipe(z.array(z.int().positive())).exactOptional(),
});

const batchSchema = z.object({
  createdAtMs: z.number(),
  cancelled: z.boolean(),
  cancelledBy: z.string().exactOptional(),
});

/** Reads the row of a batch. Throws a ZodError if it cannot be read. */
export function readBatch(batch: string, entity: unknown): BatchRecord {
  const submitted = submittedSchema.safeParse(entity);
  return { batch, ...batchSchema.parse(entity), ...(submitted.success ? { submitted: submitted.data } : {}) };
}

/** Makes the row of a rejected message. */
export function rejectedEntity(batch: string, { messageId, ...columns }: RejectedMessage) {
  return { partitionKey: batch, rowKey: `${rejectedRows}${messageId}`, ...columns };
}

const rejectedSchema = z.object({
  rowKey: z.string(),
  part: z.number().optional(),
  reason: z.string(),
  atMs: z.number(),
});

/** Reads the row of a rejected message. Throws a ZodError if it cannot be read. */
export function readRejected(entity: unknown): RejectedMessage {
  const { rowKey, part, reason, atMs } = rejectedSchema.parse(entity);
  const messageId = rowKey.slice(rejectedRows.length);
  return { messageId, ...(part === undefined ? {} : { part }), reason, atMs };
}
