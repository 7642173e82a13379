import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableLedger } from '../../../../../shared/azure/storage/table-ledger.ts';
import { TableUsers } from '../../../../../shared/azure/storage/users/table-users.ts';
import type { UserRecord } from '../../../../../shared/ring/ports/user-store.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const day = 24 * 3_600_000;
const clock = { nowMs: () => 50 * day };
const storage = new LocalStorage();
let ledger: TableLedger;
let users: TableUsers;
let ledgerTable: TableClient;
let usersTable: TableClient;

beforeAll(async () => {
  await storage.start();
  const tables = ['simringledger', 'simringusers'];
  await createQueuesAndTables(storage.connectionString, { queues: [], tables });
  const tableOf = (name: string) =>
    TableClient.fromConnectionString(storage.connectionString, name, { allowInsecureConnection: true });
  ledgerTable = tableOf('simringledger');
  ledger = new TableLedger(ledgerTable);
  usersTable = tableOf('simringusers');
  users = new TableUsers(usersTable);
});

afterAll(() => storage.stop());

async function storeBatch(
  batch: string,
  createdAtMs: number,
  count: number,
  { enteredAtMs = createdAtMs, finished = true } = {},
): Promise<void> {
  await ledger.registerBatch(batch, createdAtMs);
  const entries = Array.from({ length: count }, (_, entry) => ({
    entry,
    user: 'x',
    generation: 0,
    digest: 'd',
  }));
  await ledger.insertEntries({ batch, part: 3 }, entries);
  const counts = { pending: count };
  await ledger.writePart(
    batch,
    { part: 3, entries: count, digest: 'd', requestedAtMs: 1, enteredAtMs, counts, finished },
    undefined,
  );
}

async function rowsOf(batch: string): Promise<number> {
  let rows = 0;
  for await (const { partitionKey = '', rowKey = '' } of ledgerTable.listEntities()) {
    if (partitionKey === batch || partitionKey.startsWith(`${batch}|`) || rowKey.endsWith(`|${batch}`))
      rows += 1;
  }
  return rows;
}

/** A table that responds once, and then no more. */
function failingTable(name: string): TableClient {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } };
  const table = TableClient.fromConnectionString(storage.connectionString, name, options);
  let requests = 0;
  table.pipeline.addPolicy({
    name: 'responds-once',
    sendRequest: (request, next) => {
      requests += 1;
      if (requests > 1) request.url = 'http://127.0.0.1:1/';
      return next(request);
    },
  });
  return table;
}

describe('purging', () => {
  it('removes all of an old batch and nothing of a newer one', async () => {
    await storeBatch('old', 10 * day, 250);
    await storeBatch('new', 40 * day, 5);
    expect(await rowsOf('old')).toBe(253);
    expect(await ledger.purge(20 * day)).toBe(1);
    expect(await rowsOf('old')).toBe(0);
    expect(await rowsOf('new')).toBe(8);
    expect(await ledger.purge(20 * day)).toBe(0);
  });

  it('removes the rejected messages of an old batch, also where it has nothing else', async () => {
    const rejected = { messageId: 'm-1', reason: 'No schema.', atMs: 10 * day };
    await ledger.registerBatch('rejected-only', 10 * day);
    await ledger.addRejectedMessage('rejected-only', rejected);
    await storeBatch('rejected-too', 10 * day, 5);
    await ledger.addRejectedMessage('rejected-too', rejected);
    expect(await ledger.purge(20 * day)).toBe(2);
    expect(await rowsOf('rejected-only')).toBe(0);
    expect(await rowsOf('rejected-too')).toBe(0);
  });

  it('leaves a batch whole to which a part was added since', async () => {
    await storeBatch('grown', 10 * day, 5, { enteredAtMs: 30 * day });
    expect(await ledger.purge(20 * day)).toBe(0);
    expect(await rowsOf('grown')).toBe(8);
    expect(await ledger.purge(40 * day)).toBeGreaterThan(0);
    expect(await rowsOf('grown')).toBe(0);
  });

  it('leaves a batch whole with an entry that is not final, however old it is', async () => {
    await storeBatch('open', 5 * day, 5, { finished: false });
    expect(await ledger.purge(20 * day)).toBe(0);
    expect(await rowsOf('open')).toBe(8);
  });

  it('makes a write to a part conflict if the part was removed meanwhile', async () => {
    await storeBatch('gone', 10 * day, 1);
    const part = await ledger.readPart({ batch: 'gone', part: 3 });
    if (part === undefined) throw new Error('The part was written.');
    await ledger.purge(20 * day);
    const { etag, ...record } = part;
    expect(await ledger.writePart('gone', record, etag)).toBe('conflict');
  });

  it('keeps what may stand of a user whose request never ended', async () => {
    const order = { effectiveAtMs: 9 * day, batch: 'lost', part: 0, entry: 1 };
    const lost = { order, desired: { ring: 'off' } } as const;
    await users.write(sip('lost@contoso.com'), { newest: lost }, undefined);
    expect(await users.purge(20 * day, clock)).toBe(1);
    expect((await users.read(sip('lost@contoso.com'))).record).toEqual({ newest: { order }, standing: lost });
    expect(await users.purge(20 * day, clock)).toBe(0);
  });

  it('keeps the request order, what stands and the refused version of a user, and all of a newer one', async () => {
    const order = { effectiveAtMs: 9 * day, batch: 'old', part: 0, entry: 1 };
    const recordAt = (atMs: number): UserRecord => ({
      newest: { order, desired: { ring: 'off' } },
      before: { ring: 'off' },
      last: { order, outcome: outcomeOf('applied'), mayHaveWritten: true, atMs },
      refusedVersion: 'v1',
    });
    await users.write(sip('old@contoso.com'), recordAt(10 * day), undefined);
    await users.write(sip('new@contoso.com'), recordAt(40 * day), undefined);
    expect(await users.purge(20 * day, clock)).toBe(1);
    expect((await users.read(sip('old@contoso.com'))).record).toEqual({
      newest: { order },
      standing: { order, desired: { ring: 'off' }, provedAtMs: 10 * day },
      refusedVersion: 'v1',
    });
    expect((await users.read(sip('new@contoso.com'))).record).toEqual(recordAt(40 * day));
    expect(await users.purge(20 * day, clock)).toBe(0);
  });

  it.each<[string, string, () => Promise<number>]>([
    [
      'batches',
      'read the parts of a batch',
      () => new TableLedger(failingTable('simringledger')).purge(20 * day),
    ],
    [
      'users',
      'write the row of a user',
      () => new TableUsers(failingTable('simringusers')).purge(20 * day, clock),
    ],
  ])('reports which step storage failed at, and why: %s', async (_what, action, purge) => {
    await storeBatch('half', 10 * day, 5);
    const order = { effectiveAtMs: 9 * day, batch: 'half', part: 0, entry: 1 };
    const last = { order, outcome: outcomeOf('applied'), mayHaveWritten: true, atMs: 10 * day };
    await users.write(sip('half@contoso.com'), { last }, undefined);
    await expect(purge()).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringMatching(
        new RegExp(
          `^Storage could not ${action} \\(no response ECONNREFUSED\\)\\. Trying again later may succeed\\. If this lasts, `,
        ),
      ),
    });
  });

  it('reports a row that cannot be read, though not as a failure of storage', async () => {
    const resultsSince = new Date(10 * day).toISOString();
    await usersTable.createEntity({
      partitionKey: 'odd',
      rowKey: 'user',
      user: 'x',
      record: 1,
      resultsSince,
    });
    await expect(users.purge(20 * day, clock)).rejects.toThrow(
      /removed.*PartitionKey odd in simringusers cannot be read/,
    );
  });
});
