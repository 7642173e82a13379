import { odata, type TableClient, type TableEntityResult, type TransactionAction } from '@azure/data-tables';
import * as z from 'zod';
import type {
  Ledger,
  LedgerEntry,
  OutcomePage,
  PartKey,
  PartRecord,
  StoredEntry,
  StoredPart,
} from '../ring/ledger.ts';
import { parseJson } from '../ucwa/json.ts';
import { storageCall } from './storage-call.ts';
import { outcomeForm } from './user-record-form.ts';

/** Most operations of one transaction. */
const transactionSize = 100;

/** Most pages that one call looks through for outcomes of a kind, before it answers what it found so far. */
const pagesAtMost = 10;

const entryForm = z.object({
  partitionKey: z.string(),
  rowKey: z.string(),
  etag: z.string(),
  user: z.string(),
  ref: z.string().optional(),
  result: z.string().optional(),
});

const partForm = z.object({
  rowKey: z.string(),
  etag: z.string(),
  parts: z.number().optional(),
  entries: z.number(),
  requestedAtMs: z.number(),
  counts: z.string(),
  finished: z.boolean(),
  source: z.string().optional(),
});

const countsForm = z.record(z.string(), z.number());

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
    return await storageCall('read the entries of a batch', async () => {
      const entries: StoredEntry[] = [];
      for await (const entity of this.#table.listEntities({ queryOptions: { filter } }))
        entries.push(readEntry(entity).stored);
      return entries;
    });
  }

  async insertEntries(part: PartKey, entries: readonly LedgerEntry[]): Promise<readonly StoredEntry[]> {
    for (;;) {
      const stored = await this.readEntries(part);
      const there = new Set(stored.map(({ entry }) => entry));
      const missing = entries.filter(({ entry }) => !there.has(entry));
      if (missing.length === 0) return stored;
      if (await this.#insert(part, missing)) {
        return [...stored, ...missing.map((entry) => ({ ...entry, etag: '*' }))];
      }
    }
  }

  async writeOutcomes(part: PartKey, entries: readonly LedgerEntry[]): Promise<void> {
    for (const chunk of chunks(entries)) {
      const actions = chunk.map(
        (entry): TransactionAction => ['upsert', entryEntity(part, entry), 'Replace'],
      );
      await storageCall('write outcomes', () => this.#table.submitTransaction(actions));
    }
  }

  async readPart({ batch, part }: PartKey): Promise<StoredPart | undefined> {
    const entity = await storageCall(
      'read a part of a batch',
      () => this.#table.getEntity(batch, paddedNumber(part)),
      ({ status, code }) => (status === 404 && code !== 'TableNotFound' ? 'none' : undefined),
    );
    return entity === 'none' ? undefined : readPart(entity);
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
      ({ status }) => (status === 409 || status === 412 ? ('conflict' as const) : undefined),
    );
    return written === 'conflict' ? written : { etag: z.string().parse(written.etag) };
  }

  async readParts(batch: string): Promise<readonly StoredPart[]> {
    const filter = odata`PartitionKey eq ${batch}`;
    return await storageCall('read the parts of a batch', async () => {
      const parts: StoredPart[] = [];
      for await (const entity of this.#table.listEntities({ queryOptions: { filter } }))
        parts.push(readPart(entity));
      return parts;
    });
  }

  async readPage(
    batch: string,
    { outcome, continuation, limit }: { outcome?: string; continuation?: string; limit: number },
  ): Promise<OutcomePage> {
    const inBatch = odata`PartitionKey ge ${`${batch}|`} and PartitionKey lt ${`${batch}}`}`;
    const wanted = outcome === undefined ? '' : ` and ${outcomeFilter(outcome)}`;
    const listed = this.#table.listEntities({ queryOptions: { filter: `${inBatch}${wanted}` } });
    return await storageCall('read outcomes', async () => {
      const outcomes: OutcomePage['outcomes'][number][] = [];
      let next = continuation;
      for (let page = 0; page < pagesAtMost && outcomes.length < limit; page++) {
        const settings = {
          maxPageSize: limit - outcomes.length,
          ...(next === undefined ? {} : { continuationToken: next }),
        };
        const result = await listed.byPage(settings).next();
        if (result.done === true) return { outcomes };
        for (const entity of result.value) outcomes.push(readEntry(entity).shown);
        next = result.value.continuationToken;
        if (next === undefined) return { outcomes };
      }
      return { outcomes, ...(next === undefined ? {} : { continuation: next }) };
    });
  }

  /** Answers false where somebody else inserted some of them first. */
  async #insert(part: PartKey, entries: readonly LedgerEntry[]): Promise<boolean> {
    for (const chunk of chunks(entries)) {
      const actions = chunk.map((entry): TransactionAction => ['create', entryEntity(part, entry)]);
      const inserted = await storageCall(
        'write the entries of a batch',
        async () => (await this.#table.submitTransaction(actions)) !== undefined,
        ({ status }) => (status === 409 ? false : undefined),
      );
      if (!inserted) return false;
    }
    return true;
  }
}

function entryEntity(part: PartKey, { entry, ref, user, outcome }: LedgerEntry) {
  return {
    partitionKey: entriesPartition(part),
    rowKey: paddedNumber(entry),
    user,
    ...(ref === undefined ? {} : { ref }),
    ...(outcome === undefined
      ? { outcome: 'pending' }
      : { outcome: outcome.outcome, code: outcome.code, result: JSON.stringify(outcome) }),
  };
}

function readEntry(entity: TableEntityResult<Record<string, unknown>>): {
  stored: StoredEntry;
  shown: LedgerEntry & { part: number };
} {
  const { partitionKey, rowKey, etag, user, ref, result } = entryForm.parse(entity);
  const shown = {
    part: Number(partitionKey.slice(partitionKey.indexOf('|') + 1)),
    entry: Number(rowKey),
    user,
    ...(ref === undefined ? {} : { ref }),
    ...(result === undefined ? {} : { outcome: outcomeForm.parse(parseJson(result)) }),
  };
  const { part: _part, ...entry } = shown;
  return { stored: { ...entry, etag }, shown };
}

function readPart(entity: TableEntityResult<Record<string, unknown>>): StoredPart {
  const { rowKey, parts, counts, source, ...columns } = partForm.parse(entity);
  return {
    ...columns,
    part: Number(rowKey),
    ...(parts === undefined ? {} : { parts }),
    ...(source === undefined ? {} : { source }),
    counts: countsForm.parse(parseJson(counts)),
  };
}

function outcomeFilter(outcome: string): string {
  return odata`outcome eq ${outcome}`;
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
