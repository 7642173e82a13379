import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { StorageQueues } from '../../../../../shared/azure/storage/storage-queues.ts';
import { TableLedger } from '../../../../../shared/azure/storage/table-ledger.ts';
import { TableUsers } from '../../../../../shared/azure/storage/users/table-users.ts';
import { boundedOutcome } from '../../../../../shared/ring/model/stored-text.ts';
import { entriesOf } from '../../../../support/contracts/ledger-entries.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const storage = new LocalStorage();
let ledger: TableLedger;
let users: TableUsers;
let queues: StorageQueues;

beforeAll(async () => {
  await storage.start();
  const names = { queues: ['simring-bulk'], tables: ['simringledger', 'simringusers'] };
  await createQueuesAndTables(storage.connectionString, names);
  const tableOf = (name: string) =>
    TableClient.fromConnectionString(storage.connectionString, name, { allowInsecureConnection: true });
  ledger = new TableLedger(tableOf('simringledger'));
  users = new TableUsers(tableOf('simringusers'));
  const bulk = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient(
    'simring-bulk',
  );
  queues = new StorageQueues({ bulk, poison: bulk, results: bulk }, 5_000);
});
afterAll(() => storage.stop());

const order = { effectiveAtMs: 0, batch: 'hr', part: 0, entry: 0 };
const overlong = outcomeOf('failed', { detail: 'x'.repeat(40_000) });
const refused = (code: RegExp) => ({
  name: 'StorageRefusedError',
  message: expect.stringMatching(/^Storage refused to /),
  cause: expect.stringMatching(code),
});

describe('storage refuses, as what is wrong and not as a failure of its own,', () => {
  it('an outcome over 64 KiB', async () => {
    const key = { batch: 'hr', part: 0 };
    const stored = await ledger.insertEntries(key, entriesOf(2));
    const written = ledger.writeEntries(
      key,
      stored.map((entry) => ({ ...entry, outcome: overlong })),
    );
    await expect(written).rejects.toMatchObject(refused(/TooLarge/));
    const bounded = stored.map((entry) => ({ ...entry, outcome: boundedOutcome(overlong) }));
    expect(await ledger.writeEntries(key, bounded)).not.toBe('conflict');
  });

  it('a record over 64 KiB', async () => {
    const last = { order, outcome: overlong, mayHaveWritten: false, atMs: 0 };
    await expect(users.write(sip('big@contoso.com'), { last }, undefined)).rejects.toMatchObject(
      refused(/TooLarge/),
    );
    expect((await users.read(sip('big@contoso.com'))).etag).toBeUndefined();
  });

  it('a message over 64 KiB', async () => {
    await expect(queues.sendPoison('x'.repeat(64 * 1024 + 1))).rejects.toMatchObject(refused(/TooLarge|413/));
  });
});
