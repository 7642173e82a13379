import {
  odata,
  type TableClient,
  type TableTransactionResponse,
  type TransactionAction,
} from '@azure/data-tables';
import {
  type BatchPage,
  type BatchRecord,
  type EntryFilter,
  type Ledger,
  type LedgerEntry,
  type OutcomePage,
  type PartKey,
  type PartRecord,
  type RegisteredBatch,
  type RejectedMessage,
  type StoredEntry,
  type StoredPart,
  type SubmittedBatch,
  transactionSize,
} from '../../ring/ports/ledger.ts';
import { announceBatch, readBatchRow, registerBatch } from './batch-registration.ts';
import { checkContinuation, pageCall } from './continuation.ts';
import { purgeBatches } from './ledger-purge.ts';
import { entriesFilter, isWanted } from './ledger-query.ts';
import {
  absentKey,
  batchKey,
  batchList,
  batchOf,
  entriesPartition,
  entryEntity,
  firstPartRow,
  partEntity,
  partKey,
  readEntry,
  readPart,
  readRejected,
  rejectedEntity,
  rejectedRange,
} from './ledger-rows.ts';
import { tableNames } from './names.ts';
import {
  getRow,
  isAbsent,
  isConflict,
  requireEtag,
  storageCall,
  storagePages,
  writeRow,
} from './storage-call.ts';

/** How many pages one call looks through for outcomes of a kind before it returns what it has found so far. */
const pagesPerCall = 10;

/**
 * Outcomes in the table `simringledger`. The entries of a part share the partition `batch|part`, so that they are
 * written a hundred at a time; the parts of a batch share the partition `batch`.
 */
export class TableLedger implements Ledger {
  readonly #table: TableClient;

  constructor(table: TableClient) {
    this.#table = table;
  }

  /** Resolves if the table responds. Throws StorageUnavailableError. */
  async probe(): Promise<void> {
    await getRow(this.#table, `read from the table ${tableNames.ledger}`, absentKey);
  }

  async readEntries(part: PartKey): Promise<readonly StoredEntry[]> {
    const filter = odata`PartitionKey eq ${entriesPartition(part)}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    const entries: StoredEntry[] = [];
    for await (const page of storagePages('read the entries of a part', pages)) {
      for (const { part: _part, ...entry } of page.map(readEntry)) entries.push(entry);
    }
    return entries;
  }

  async insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]> {
    for (;;) {
      const stored = await this.readEntries(part);
      const known = new Set(stored.map(({ entry }) => entry));
      const missing = entries.filter(({ entry }) => !known.has(entry));
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
    const written = await this.#submit('write outcomes', actions);
    if (written === 'conflict') return written;
    return new Map(entries.map(({ entry }, index) => [entry, etagAt(written, index)]));
  }

  async readPart(part: PartKey): Promise<StoredPart | undefined> {
    const entity = await getRow(this.#table, 'read a part', partKey(part));
    return entity === undefined ? undefined : readPart(entity);
  }

  async writePart(
    batch: string,
    record: PartRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'> {
    return await writeRow(this.#table, 'write a part', partEntity(batch, record), etag);
  }

  async registerBatch(
    batch: string,
    createdAtMs: number,
    submitted?: SubmittedBatch,
  ): Promise<RegisteredBatch> {
    return await registerBatch(this.#table, batch, createdAtMs, submitted);
  }

  async announceBatch(
    batch: string,
    createdAtMs: number,
    submitted: SubmittedBatch,
  ): Promise<RegisteredBatch> {
    return await announceBatch(this.#table, batch, createdAtMs, submitted);
  }

  async readBatch(batch: string): Promise<BatchRecord | undefined> {
    return await readBatchRow(this.#table, batch);
  }

  async addRejectedMessage(batch: string, message: RejectedMessage): Promise<void> {
    await writeRow(this.#table, 'list a rejected message', rejectedEntity(batch, message), undefined);
  }

  async readRejectedMessages(batch: string, limit: number): Promise<readonly RejectedMessage[]> {
    const { first, end } = rejectedRange;
    const filter = odata`PartitionKey eq ${batch} and RowKey ge ${first} and RowKey lt ${end}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage({ maxPageSize: limit });
    const messages: RejectedMessage[] = [];
    for await (const page of storagePages('read the rejected messages of a batch', pages)) {
      messages.push(...page.map(readRejected));
      if (messages.length >= limit) break;
    }
    return messages.slice(0, limit);
  }

  async cancelBatch(batch: string, by?: string): Promise<boolean> {
    const mark = { ...batchKey(batch), cancelled: true, ...(by === undefined ? {} : { cancelledBy: by }) };
    const written = await storageCall(
      'cancel a batch',
      () => this.#table.updateEntity(mark, 'Merge', { etag: '*' }),
      (failure) => (isAbsent(failure) ? ('absent' as const) : undefined),
    );
    return written !== 'absent';
  }

  async listBatches({ continuation, limit }: { continuation?: string; limit: number }): Promise<BatchPage> {
    const filter = odata`PartitionKey eq ${batchList}`;
    const settings = { maxPageSize: limit, ...checkContinuation(continuation) };
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage(settings);
    const { value, done } = await pageCall('list batches', continuation, () => pages.next());
    if (done === true) return { batches: [] };
    const { continuationToken: next } = value;
    const batches = value.map(({ rowKey = '' }) => batchOf(rowKey));
    return { batches, ...(next === undefined ? {} : { continuation: next }) };
  }

  async readParts(batch: string): Promise<readonly StoredPart[]> {
    const filter = odata`PartitionKey eq ${batch} and RowKey ge ${firstPartRow}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    const parts: StoredPart[] = [];
    for await (const page of storagePages('read the parts of a batch', pages)) {
      parts.push(...page.map(readPart));
    }
    return parts;
  }

  async readPage(
    batch: string,
    { continuation, limit, ...wanted }: EntryFilter & { continuation?: string; limit: number },
  ): Promise<OutcomePage> {
    const listed = this.#table.listEntities({ queryOptions: { filter: entriesFilter(batch, wanted) } });
    let next = checkContinuation(continuation).continuationToken;
    const outcomes: OutcomePage['outcomes'][number][] = [];
    for (let page = 0; page < pagesPerCall && outcomes.length < limit; page++) {
      const maxPageSize = limit - outcomes.length;
      const settings = { maxPageSize, ...(next === undefined ? {} : { continuationToken: next }) };
      const result = await pageCall('read outcomes', continuation, () => listed.byPage(settings).next());
      if (result.done === true) return { outcomes };
      outcomes.push(...result.value.map(readShownEntry).filter((entry) => isWanted(entry, wanted)));
      next = result.value.continuationToken;
      if (next === undefined) return { outcomes };
    }
    return { outcomes, ...(next === undefined ? {} : { continuation: next }) };
  }

  /** Removes the batches that have ended and to which nothing was added since `beforeMs`. Returns how many. */
  async purge(beforeMs: number): Promise<number> {
    return await purgeBatches(this.#table, (batch) => this.readParts(batch), beforeMs);
  }

  async #insert(
    part: PartKey,
    entries: readonly LedgerEntry[],
  ): Promise<readonly StoredEntry[] | 'conflict'> {
    const inserted: StoredEntry[] = [];
    for (const chunk of chunks(entries)) {
      const actions = chunk.map((entry): TransactionAction => ['create', entryEntity(part, entry)]);
      const written = await this.#submit('write the entries of a part', actions);
      if (written === 'conflict') return written;
      inserted.push(...chunk.map((entry, index) => ({ ...entry, etag: etagAt(written, index) })));
    }
    return inserted;
  }

  async #submit(
    action: string,
    actions: TransactionAction[],
  ): Promise<TableTransactionResponse | 'conflict'> {
    return await storageCall(
      action,
      () => this.#table.submitTransaction(actions),
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
  }
}

function readShownEntry(entity: unknown): OutcomePage['outcomes'][number] {
  const { etag: _etag, otherColumns: _others, ...entry } = readEntry(entity);
  return entry;
}

/** Storage returns the results of a transaction in the order of its actions; only those of inserts name their row. */
function etagAt(written: TableTransactionResponse, index: number): string {
  return requireEtag(written.subResponses[index]);
}

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += transactionSize) {
    yield items.slice(start, start + transactionSize);
  }
}
