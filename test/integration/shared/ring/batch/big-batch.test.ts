import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableLedger } from '../../../../../shared/azure/storage/table-ledger.ts';
import { type BatchStatus, readBatch } from '../../../../../shared/ring/batch/status.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const parts = 250;
const entriesInPart = 400;
/** The parts whose entries are in the ledger: more of them than storage answers at once. */
const partsWithEntries = [0, 7, 249];
const nameOfTable = 'bigledger';

/** A list of rows, or one. */
const answerForm = z.object({ value: z.array(z.unknown()) }).catch({ value: [undefined] });

const storage = new LocalStorage();
let ledger: TableLedger;
/** How many rows each request to the table was answered with, one after the other. */
let answered: number[] = [];

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: [nameOfTable] });
  const client = TableClient.fromConnectionString(storage.connectionString, nameOfTable, {
    allowInsecureConnection: true,
  });
  client.pipeline.addPolicy({
    name: 'count',
    async sendRequest(request, next) {
      const response = await next(request);
      if (request.method === 'GET')
        answered.push(answerForm.parse(JSON.parse(response.bodyAsText ?? '')).value.length);
      return response;
    },
  });
  ledger = new TableLedger(client);
  for (const batch of ['without-entries', 'with-entries']) await announce(batch);
  for (const part of partsWithEntries) await enter(part);
});
afterAll(() => storage.stop());
beforeEach(() => {
  answered = [];
});

/** Every part tells how far it is, whether its entries are there or not. */
async function announce(batch: string): Promise<void> {
  const counts = { applied: 300, failed: 100 };
  const record = {
    parts,
    entries: entriesInPart,
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

/** Of the entries of a part every fourth failed. */
async function enter(part: number): Promise<void> {
  const entries = Array.from({ length: entriesInPart }, (_, entry) => ({
    entry,
    user: `sip:user-${part}-${entry}@contoso.com`,
    generation: 0,
    digest: 'abc',
    outcome: outcomeOf(entry % 4 === 0 ? 'failed' : 'applied'),
  }));
  await ledger.insertEntries({ batch: 'with-entries', part }, entries);
}

describe('a batch of 100,000', () => {
  it.each(['without-entries', 'with-entries'])(
    'is counted from its parts alone, however many of its entries there are: %s',
    async (batch) => {
      const status = await readBatch(ledger, batch, { limit: 0 });
      expect(status).toMatchObject({
        parts,
        entries: 100_000,
        finished: true,
        counts: { applied: 75_000, failed: 25_000 },
      });
      expect(answered.toSorted((a, b) => b - a)).toEqual([parts, 1]);
    },
  );

  it('is paged through by outcome, and only the rows of that page are read', async () => {
    const limit = 40;
    const pages: BatchStatus['outcomes'][] = [];
    let continuation: string | undefined;
    do {
      answered = [];
      const page = {
        outcome: 'failed' as const,
        limit,
        ...(continuation === undefined ? {} : { continuation }),
      };
      const status = await readBatch(ledger, 'with-entries', page);
      if (status === undefined) throw new Error('The batch is there.');
      pages.push(status.outcomes);
      expect(answered.toSorted((a, b) => b - a)).toEqual([parts, status.outcomes.length, 1]);
      continuation = status.continuation;
    } while (continuation !== undefined);
    const failed = partsWithEntries.flatMap((part) =>
      Array.from({ length: entriesInPart / 4 }, (_, nth) => ({ part, entry: 4 * nth })),
    );
    expect(pages.flat()).toMatchObject(failed);
    expect(pages.map((page) => page.length)).toEqual([...Array(7).fill(limit), 20]);
  });

  it('is paged through as a whole in as many rows as were asked for', async () => {
    const status = await readBatch(ledger, 'with-entries', { limit: 1000 });
    expect(status?.outcomes).toHaveLength(1000);
    expect(status?.continuation).toBeDefined();
    expect(answered.toSorted((a, b) => b - a)).toEqual([1000, parts, 1]);
  });
});
