import {
  odata,
  type TableClient,
  type TableEntityResult,
  type TableTransactionResponse,
  type TransactionAction,
} from '@azure/data-tables';
import * as z from 'zod';
import { type EntryState, entryStates, type Outcome } from '../../ring/model/outcome.ts';
import {
  type BatchPage,
  type BatchRecord,
  ContinuationUnknownError,
  type Ledger,
  type LedgerEntry,
  type OutcomePage,
  type PartKey,
  type PartRecord,
  type StoredEntry,
  type StoredPart,
  stateOf,
  transactionSize,
} from '../../ring/ports/ledger.ts';
import { parseJson } from '../../runtime/json.ts';
import { isAbsent, isConflict, storageCall, storagePages } from './storage-call.ts';
import { outcomeSchema } from './user-rows.ts';

/** The row of a batch among its parts, whose rows are numbers. */
const batchRow = '!batch';

/** The partition that lists all batches; no batch can be called so. */
const batchList = '|batches';

/** Most pages that one call looks through for outcomes of a kind, before it answers what it found so far. */
const pagesAtMost = 10;

const entryForm = z.object({
  partitionKey: z.string(),
  rowKey: z.string(),
  etag: z.string(),
  user: z.string(),
  ref: z.string().optional(),
  result: z.string().optional(),
  hop: z.number(),
  digest: z.string(),
});

const batchForm = z.object({ createdAtMs: z.number(), cancelled: z.boolean() });

const partForm = z.object({
  rowKey: z.string(),
  etag: z.string(),
  parts: z.number().optional(),
  entries: z.number(),
  digest: z.string().default(''),
  requestedAtMs: z.number(),
  enteredAtMs: z.number().default(0),
  counts: z.string(),
  finished: z.boolean(),
  summaryBy: z.string().optional(),
  source: z.string().optional(),
});

const countsForm = z.partialRecord(z.enum(entryStates), z.number());

/**
 * Outcomes in the table `simringledger`. The entries of a part share the partition `batch|part`, so that they are
 * written a hundred at a time; the parts of a batch share the partition `batch`.
 */
export class TableLedger implements Ledger {
  readonly #table: TableClient;

  constructor(table: TableClient) {
    this.#table = table;
  }

  async readEntries(part: PartKey): Promise<readonly StoredEntry[]> {
    const filter = odata`PartitionKey eq ${entriesPartition(part)}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    const entries: StoredEntry[] = [];
    for await (const page of storagePages('read the entries of a batch', pages))
      entries.push(...page.map((entity) => readEntry(entity).stored));
    return entries;
  }

  async insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]> {
    for (;;) {
      const stored = await this.readEntries(part);
      const there = new Set(stored.map(({ entry }) => entry));
      const missing = entries.filter(({ entry }) => !there.has(entry));
      const inserted = await this.#insert(part, missing);
      if (inserted !== 'conflict') return [...stored, ...inserted];
    }
  }

  async writeEntries(
    part: PartKey,
    entries: readonly StoredEntry[],
  ): Promise<ReadonlyMap<number, string> | 'conflict'> {
    const actions = entries.map(
      ({ etag, ...entry }): TransactionAction => ['update', entryEntity(part, entry), 'Replace', { etag }],
    );
    const written = await storageCall(
      'write outcomes',
      () => this.#table.submitTransaction(actions),
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
    return written === 'conflict'
      ? written
      : new Map(entries.map(({ entry }, index) => [entry, etagOf(written, index)]));
  }

  async readPart({ batch, part }: PartKey): Promise<StoredPart | undefined> {
    const entity = await this.#getEntity('read a part of a batch', batch, paddedNumber(part));
    return entity === undefined ? undefined : readPart(entity);
  }

  async writePart(
    batch: string,
    record: PartRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'> {
    const { part, counts, ...columns } = record;
    const entity = {
      partitionKey: batch,
      rowKey: paddedNumber(part),
      ...columns,
      counts: JSON.stringify(counts),
    };
    const written = await storageCall(
      'write a part of a batch',
      () =>
        etag === undefined
          ? this.#table.createEntity(entity)
          : this.#table.updateEntity(entity, 'Replace', { etag }),
      // A part that is gone was purged meanwhile.
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
    return written === 'conflict' ? written : { etag: z.string().parse(written.etag) };
  }

  async registerBatch(batch: string, createdAtMs: number): Promise<BatchRecord> {
    const entity = { partitionKey: batch, rowKey: batchRow, createdAtMs, cancelled: false };
    const created = await storageCall(
      'enter a batch',
      () => this.#table.createEntity(entity),
      ({ status }) => (status === 409 ? ('there' as const) : undefined),
    );
    const known = created === 'there' ? await this.readBatch(batch) : undefined;
    const record = known ?? { batch, createdAtMs, cancelled: false };
    const listed = { partitionKey: batchList, rowKey: newestFirst(record) };
    await storageCall('list a batch', () => this.#table.upsertEntity(listed, 'Replace'));
    return record;
  }

  async readBatch(batch: string): Promise<BatchRecord | undefined> {
    const entity = await this.#getEntity('read a batch', batch, batchRow);
    return entity === undefined ? undefined : { batch, ...batchForm.parse(entity) };
  }

  async cancelBatch(batch: string): Promise<boolean> {
    const mark = { partitionKey: batch, rowKey: batchRow, cancelled: true };
    const written = await storageCall(
      'cancel a batch',
      () => this.#table.updateEntity(mark, 'Merge', { etag: '*' }),
      (failure) => (isAbsent(failure) ? ('none' as const) : undefined),
    );
    return written !== 'none';
  }

  async listBatches({ continuation, limit }: { continuation?: string; limit: number }): Promise<BatchPage> {
    const listed = this.#table.listEntities({
      queryOptions: { filter: odata`PartitionKey eq ${batchList}` },
    });
    const settings = { maxPageSize: limit, ...readContinuation(continuation) };
    const { value, done } = await pageCall('list batches', continuation, () =>
      listed.byPage(settings).next(),
    );
    if (done === true) return { batches: [] };
    const batches = value.map(({ rowKey = '' }) => batchOf(rowKey));
    return {
      batches,
      ...(value.continuationToken === undefined ? {} : { continuation: value.continuationToken }),
    };
  }

  /** Removes the batches to which nothing was added since then. Answers how many. */
  async purge(beforeMs: number): Promise<number> {
    const oldest = newestFirst({ batch: '', createdAtMs: beforeMs });
    const filter = odata`PartitionKey eq ${batchList} and RowKey gt ${oldest}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    let purged = 0;
    for await (const page of storagePages('list old batches', pages)) {
      for (const { rowKey = '' } of page) purged += (await this.#purgeBatch(rowKey, beforeMs)) ? 1 : 0;
    }
    return purged;
  }

  async readParts(batch: string): Promise<readonly StoredPart[]> {
    const filter = odata`PartitionKey eq ${batch} and RowKey ge ${'0'}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    const parts: StoredPart[] = [];
    for await (const page of storagePages('read the parts of a batch', pages))
      parts.push(...page.map(readPart));
    return parts;
  }

  async readPage(
    batch: string,
    { outcome, continuation, limit }: { outcome?: EntryState; continuation?: string; limit: number },
  ): Promise<OutcomePage> {
    const inBatch = odata`PartitionKey ge ${`${batch}|`} and PartitionKey lt ${`${batch}}`}`;
    const wanted = outcome === undefined ? '' : odata` and outcome eq ${outcome}`;
    const listed = this.#table.listEntities({ queryOptions: { filter: `${inBatch}${wanted}` } });
    let next = readContinuation(continuation).continuationToken;
    const outcomes: OutcomePage['outcomes'][number][] = [];
    for (let page = 0; page < pagesAtMost && outcomes.length < limit; page++) {
      const settings = {
        maxPageSize: limit - outcomes.length,
        ...(next === undefined ? {} : { continuationToken: next }),
      };
      const result = await pageCall('read outcomes', continuation, () => listed.byPage(settings).next());
      if (result.done === true) return { outcomes };
      outcomes.push(...result.value.map((entity) => readEntry(entity).shown));
      next = result.value.continuationToken;
      if (next === undefined) return { outcomes };
    }
    return { outcomes, ...(next === undefined ? {} : { continuation: next }) };
  }

  async #insert(
    part: PartKey,
    entries: readonly LedgerEntry[],
  ): Promise<readonly StoredEntry[] | 'conflict'> {
    const inserted: StoredEntry[] = [];
    for (const chunk of chunks(entries)) {
      const actions = chunk.map((entry): TransactionAction => ['create', entryEntity(part, entry)]);
      const written = await storageCall(
        'write the entries of a batch',
        () => this.#table.submitTransaction(actions),
        (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
      );
      if (written === 'conflict') return written;
      inserted.push(...chunk.map((entry, index) => ({ ...entry, etag: etagOf(written, index) })));
    }
    return inserted;
  }

  /** Its row in the list goes last, so that a purge that fails in between is taken up again. */
  async #purgeBatch(listRow: string, beforeMs: number): Promise<boolean> {
    const batch = batchOf(listRow);
    const parts = await this.readParts(batch);
    if (parts.some(({ enteredAtMs }) => enteredAtMs >= beforeMs)) return false;
    for (const { part } of parts) await this.#deletePartition(entriesPartition({ batch, part }));
    await this.#deletePartition(batch);
    await storageCall('take a batch off the list', () => this.#table.deleteEntity(batchList, listRow));
    return true;
  }

  async #deletePartition(partitionKey: string): Promise<void> {
    const queryOptions = {
      filter: odata`PartitionKey eq ${partitionKey}`,
      select: ['PartitionKey', 'RowKey'],
    };
    const pages = this.#table.listEntities({ queryOptions }).byPage({ maxPageSize: transactionSize });
    for await (const page of storagePages('list what is old', pages)) {
      const actions = page.map(({ rowKey = '' }): TransactionAction => ['delete', { partitionKey, rowKey }]);
      if (actions.length > 0)
        await storageCall('remove what is old', () => this.#table.submitTransaction(actions));
    }
  }

  async #getEntity(what: string, partition: string, row: string) {
    const entity = await storageCall(
      what,
      () => this.#table.getEntity(partition, row),
      (failure) => (isAbsent(failure) ? ('none' as const) : undefined),
    );
    return entity === 'none' ? undefined : entity;
  }
}

const continuationForm = z.object({ nextPartitionKey: z.string(), nextRowKey: z.string().optional() });

/** A continuation is storage's own token, base64 of JSON; what is none is told from a failure of storage. */
function readContinuation(token: string | undefined): { continuationToken?: string } {
  if (token === undefined) return {};
  const decoded = parseJson(Buffer.from(token, 'base64').toString('utf8'));
  if (!continuationForm.safeParse(decoded).success) throw new ContinuationUnknownError();
  return { continuationToken: token };
}

/** Asks for a page; a continuation that looks like one and is none of storage's gets 400. */
async function pageCall<T>(
  what: string,
  continuation: string | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const answer = await storageCall(
    what,
    async () => ({ page: await call() }),
    ({ status }) => (status === 400 && continuation !== undefined ? ('unknown' as const) : undefined),
  );
  if (answer === 'unknown') throw new ContinuationUnknownError();
  return answer.page;
}

/** Storage answers a transaction in the order of its operations; only an insert's answer names its row. */
function etagOf(written: TableTransactionResponse, index: number): string {
  return z.string().parse(written.subResponses[index]?.etag);
}

function entryEntity(part: PartKey, shown: LedgerEntry) {
  const { entry, ref, user, outcome, generation, digest } = shown;
  return {
    partitionKey: entriesPartition(part),
    rowKey: paddedNumber(entry),
    user,
    hop: generation,
    digest,
    outcome: stateOf(shown),
    ...(ref === undefined ? {} : { ref }),
    ...(outcome === undefined ? {} : { code: codeOf(outcome), result: JSON.stringify(outcome) }),
  };
}

/** For people who filter the table; the outcome itself is in `result`. */
function codeOf(outcome: Outcome): string | undefined {
  return 'code' in outcome ? outcome.code : undefined;
}

function readEntry(entity: TableEntityResult<Record<string, unknown>>): {
  stored: StoredEntry;
  shown: LedgerEntry & { part: number };
} {
  const { partitionKey, rowKey, etag, user, ref, result, hop, digest } = entryForm.parse(entity);
  const shown = {
    part: Number(partitionKey.slice(partitionKey.indexOf('|') + 1)),
    entry: Number(rowKey),
    user,
    generation: hop,
    digest,
    ...(ref === undefined ? {} : { ref }),
    ...(result === undefined ? {} : { outcome: outcomeSchema.parse(parseJson(result)) }),
  };
  const { part: _part, ...entry } = shown;
  return { stored: { ...entry, etag }, shown };
}

function readPart(entity: TableEntityResult<Record<string, unknown>>): StoredPart {
  const { rowKey, parts, counts, summaryBy, source, ...columns } = partForm.parse(entity);
  return {
    ...columns,
    part: Number(rowKey),
    ...(parts === undefined ? {} : { parts }),
    ...(summaryBy === undefined ? {} : { summaryBy }),
    ...(source === undefined ? {} : { source }),
    counts: countsForm.parse(parseJson(counts)),
  };
}

function newestFirst({ batch, createdAtMs }: Omit<BatchRecord, 'cancelled'>): string {
  return `${String(Number.MAX_SAFE_INTEGER - createdAtMs).padStart(16, '0')}|${batch}`;
}

/** The batch that a row of the list names. */
function batchOf(listRow: string): string {
  return listRow.slice(listRow.indexOf('|') + 1);
}

function entriesPartition({ batch, part }: PartKey): string {
  return `${batch}|${paddedNumber(part)}`;
}

/** Keys sort as text. */
function paddedNumber(number: number): string {
  return String(number).padStart(6, '0');
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += transactionSize)
    yield items.slice(start, start + transactionSize);
}
