import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableLedger } from '../../../../../shared/azure/storage/table-ledger.ts';
import { type BatchStatus, readBatch } from '../../../../../shared/ring/batch/status.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const parts = 250;
const entriesPerPart = 400;
/** The parts with entries in the ledger. Together they have more rows than storage returns at once. */
const partsWithEntries = [0, 7, 249];
const tableName = 'bigledger';

/** A response with a list of rows, or with a single row. */
const responseSchema = z.object({ value: z.array(z.unknown()) }).catch({ value: [undefined] });

const storage = new LocalStorage();
let ledger: TableLedger;
/** The number of rows that each request to the table returned. */
let rowCounts: number[] = [];

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: [tableName] });
  const client = TableClient.fromConnectionString(storage.connectionString, tableName, {
    allowInsecureConnection: true,
  });
  client.pipeline.addPolicy({
    name: 'count-rows',
    async sendRequest(request, next) {
      const response = await next(request);
      if (request.method === 'GET')
        rowCounts.push(responseSchema.parse(JSON.parse(response.bodyAsText ?? '')).value.length);
      return response;
    },
  });
  ledger = new TableLedger(client);
  for (const batch of ['without-entries', 'with-entries']) await addParts(batch);
  for (const part of partsWithEntries) await addEntries(part);
});
afterAll(() => storage.stop());
beforeEach(() => {
  rowCounts = [];
});

/** Adds all parts of a batch with their counts, without entries. */
async function addParts(batch: string): Promise<void> {
  const counts = { applied: 300, failed: 100 };
  const record = {
    parts,
    entries: entriesPerPart,
    digest: 'abc',
    requestedAtMs: 0,
    enteredAtMs: 0,
    counts,
    finished: true,
  };
  await ledger.registerBatch(batch, 0);
  await Promise.all(
    Array.from({ length: parts }, (_, part) => ledger.writePart(batch, { ...record, part }, undefined)),
  );
}

/** Adds the entries of a part, of which every fourth failed. */
async function addEntries(part: number): Promise<void> {
  const entries = Array.from({ length: entriesPerPart }, (_, entry) => ({
    entry,
    user: `sip:user-${part}-${entry}@contoso.com`,
    generation: 0,
    digest: 'abc',
    outcome: outcomeOf(entry % 4 === 0 ? 'failed' : 'applied'),
  }));
  await ledger.insertEntries({ batch: 'with-entries', part }, entries);
}

describe('a batch of 100,000 entries', () => {
  it.each(['without-entries', 'with-entries'])(
    'is counted from the rows of its parts only: batch %s',
    async (batch) => {
      const status = await readBatch(ledger, batch, { limit: 0 });
      expect(status).toMatchObject({
        parts,
        entries: 100_000,
        finished: true,
        counts: { applied: 75_000, failed: 25_000 },
      });
      expect(rowCounts.toSorted((a, b) => b - a)).toEqual([parts, 1, 0]);
    },
  );

  it('returns a page by outcome after reading only the rows of that page', async () => {
    const limit = 40;
    const pages: BatchStatus['outcomes'][] = [];
    let continuation: string | undefined;
    do {
      rowCounts = [];
      const page = {
        outcome: 'failed' as const,
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      };
      const status = await readBatch(ledger, 'with-entries', page);
      if (status === undefined) throw new Error('The batch was not found.');
      pages.push(status.outcomes);
      expect(rowCounts.toSorted((a, b) => b - a)).toEqual([parts, status.outcomes.length, 1, 0]);
      continuation = status.continuation;
    } while (continuation !== undefined);
    const failed = partsWithEntries.flatMap((part) =>
      Array.from({ length: entriesPerPart / 4 }, (_, nth) => ({ part, entry: 4 * nth })),
    );
    expect(pages.flat()).toMatchObject(failed);
    expect(pages.map((page) => page.length)).toEqual([...Array(7).fill(limit), 20]);
  });

  it('returns a page of all outcomes after reading only as many rows as requested', async () => {
    const status = await readBatch(ledger, 'with-entries', { limit: 1000 });
    expect(status?.outcomes).toHaveLength(1000);
    expect(status?.continuation).toBeDefined();
    expect(rowCounts.toSorted((a, b) => b - a)).toEqual([1000, parts, 1, 0]);
  });
});
