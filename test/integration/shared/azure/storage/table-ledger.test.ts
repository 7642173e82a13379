import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableLedger } from '../../../../../shared/azure/storage/table-ledger.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { describeLedger } from '../../../../support/contracts/ledger-contract.ts';
import { applied, entriesOf, firstSeen } from '../../../../support/contracts/ledger-entries.ts';

const storage = new LocalStorage();
let ledger: TableLedger;

function tableOf(connectionString: string, table = 'simringledger', maxRetries = 3): TableClient {
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries } };
  return TableClient.fromConnectionString(connectionString, table, options);
}

function ledgerOf(...at: Parameters<typeof tableOf>): TableLedger {
  return new TableLedger(tableOf(...at));
}

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: ['simringledger'] });
  ledger = ledgerOf(storage.connectionString);
});
afterAll(() => storage.stop());

describeLedger(() => ledger);

describe('a row that cannot be read', () => {
  const odd: readonly [
    string,
    { partitionKey: string; rowKey: string },
    (of: TableLedger) => Promise<unknown>,
  ][] = [
    [
      'an entry',
      { partitionKey: 'odd|000000', rowKey: '000000' },
      (of) => of.readEntries({ batch: 'odd', part: 0 }),
    ],
    ['a part', { partitionKey: 'odd', rowKey: '000001' }, (of) => of.readParts('odd')],
    ['a page', { partitionKey: 'odd|000002', rowKey: '000000' }, (of) => of.readPage('odd', { limit: 10 })],
  ];

  it.each(odd)('is not reported as a failure of storage: %s', async (_what, keys, read) => {
    await tableOf(storage.connectionString).createEntity(keys);
    await expect(read(ledger)).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('a probe', () => {
  it('resolves if the table responds', async () => {
    await expect(ledger.probe()).resolves.toBeUndefined();
  });
});

describe('storage that fails', () => {
  const key = { batch: 'x', part: 0 };
  const record = {
    part: 0,
    entries: 1,
    digest: 'd',
    requestedAtMs: 0,
    enteredAtMs: 0,
    counts: {},
    finished: false,
  };
  const calls: readonly [string, (of: TableLedger) => Promise<unknown>][] = [
    ['reads of entries', (of) => of.readEntries(key)],
    ['inserts', (of) => of.insertEntries(key, entriesOf(1))],
    [
      'outcomes',
      (of) =>
        of.writeEntries(key, [
          { ...applied(entriesOf(1)[0] ?? { entry: 0, user: '', ...firstSeen }), etag: '*' },
        ]),
    ],
    ['batches', (of) => of.registerBatch('x', 1)],
    [
      'additions of rejected messages',
      (of) => of.addRejectedMessage('x', { messageId: 'm', reason: '', atMs: 1 }),
    ],
    ['reads of rejected messages', (of) => of.readRejectedMessages('x', 10)],
    ['cancelling', (of) => of.cancelBatch('x')],
    ['the list of batches', (of) => of.listBatches({ limit: 10 })],
    ['reads of a part', (of) => of.readPart(key)],
    ['writes of a part', (of) => of.writePart('x', record, undefined)],
    ['changes of a part', (of) => of.writePart('x', record, '*')],
    ['reads of parts', (of) => of.readParts('x')],
    ['pages', (of) => of.readPage('x', { limit: 10 })],
    ['probes', (of) => of.probe()],
  ];

  it.each(calls)('is reported by %s if the table does not exist', async (_what, call) => {
    await expect(call(ledgerOf(storage.connectionString, 'nosuchtable'))).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringContaining('404 TableNotFound'),
    });
  });

  it.each(calls)('is reported by %s if storage was stopped', async (_what, call) => {
    await storage.stop();
    const unreachable = ledgerOf(storage.connectionString, 'simringledger', 0);
    await expect(call(unreachable)).rejects.toThrow(StorageUnavailableError);
    await expect(call(unreachable)).rejects.toThrow('no response ECONNREFUSED');
  });
});
