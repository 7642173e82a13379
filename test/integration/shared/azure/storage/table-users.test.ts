import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableUsers } from '../../../../../shared/azure/storage/users/table-users.ts';
import { userEntity } from '../../../../../shared/azure/storage/users/user-rows.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { listUsers } from '../../../../../shared/ring/user/list-users.ts';
import { describeUserStore, fullRecord } from '../../../../support/contracts/user-store-contract.ts';
import { sip } from '../../../../support/ring/addresses.ts';

const storage = new LocalStorage();
let users: TableUsers;

function tableOf(name: string, retry = {}): TableClient {
  const options = { allowInsecureConnection: true, ...retry };
  return TableClient.fromConnectionString(storage.connectionString, name, options);
}

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: ['simringusers'] });
  users = new TableUsers(tableOf('simringusers'));
});
afterAll(() => storage.stop());

describeUserStore(() => users);

describe('the row of a user', () => {
  it('shows the state to people who look into the table', async () => {
    await users.write(sip('shown@contoso.com'), fullRecord, undefined);
    const row = await tableOf('simringusers').getEntity('shown-40contoso-2ecom', 'user');
    expect(row).toMatchObject({
      user: 'sip:shown@contoso.com',
      requestedAt: '2026-11-23T09:00:00.000Z',
      ring: 'contact',
      outcome: 'failed',
      claimedUntil: '2026-11-23T09:02:00.000Z',
    });
  });

  it('loses the columns of what the record no longer has', async () => {
    const user = sip('replaced@contoso.com');
    const first = await users.write(user, fullRecord, undefined);
    if (first === 'conflict') throw new Error('The first write has no rival.');
    await users.write(user, {}, first.etag);
    expect((await users.read(user)).record).toEqual({});
    const row = await tableOf('simringusers').getEntity('replaced-40contoso-2ecom', 'user');
    expect(row).not.toHaveProperty('claimedUntil');
  });

  it('conflicts with a write if it was purged meanwhile', async () => {
    const user = sip('purged@contoso.com');
    const first = await users.write(user, {}, undefined);
    if (first === 'conflict') throw new Error('The first write has no rival.');
    await tableOf('simringusers').deleteEntity('purged-40contoso-2ecom', 'user');
    expect(await users.write(user, {}, first.etag)).toBe('conflict');
  });
});

describe('the list of users', () => {
  it('judges a row of 0.1, which has no column for the ring, by its record', async () => {
    const order = { effectiveAtMs: 1, batch: 'hr', part: 0, entry: 0 };
    const user = sip('old@version.example');
    const { ring, ...row } = userEntity(user, { newest: { order, desired: { ring: 'team' } } });
    expect(ring).toBe('team');
    await tableOf('simringusers').createEntity(row);
    const listed = async (wanted: 'team' | 'off') =>
      (await users.list({ user: 'old@version', ring: wanted, limit: 5 })).users.map((one) => one.user);
    expect(await listed('team')).toEqual([user]);
    expect(await listed('off')).toEqual([]);
  });
});

describe('a row that cannot be read', () => {
  it.each(['{', '{"newest": 7}'])(
    'is told, and keeps no other from being listed or purged: %s',
    async (record) => {
      const order = { effectiveAtMs: 1, batch: 'hr', part: 0, entry: 0 };
      const rowOf = (user: string) => userEntity(sip(user), { newest: { order, desired: { ring: 'team' } } });
      const broken = { ...rowOf('a@broken.example'), record };
      await tableOf('simringusers').upsertEntity(broken, 'Replace');
      await tableOf('simringusers').upsertEntity(rowOf('b@broken.example'), 'Replace');
      const filter = (user: string) => ({ user, limit: 5 });
      const { users: found } = await listUsers(users, filter('a@broken'));
      expect(found).toEqual([
        { user: 'sip:a@broken.example', detail: expect.stringContaining('cannot be read') },
      ]);
      expect((await listUsers(users, filter('b@broken'))).users).toMatchObject([{ ring: 'team' }]);
      await expect(users.purge(2, { nowMs: () => 3 })).rejects.toThrow('cannot be read');
      expect((await users.read(sip('b@broken.example'))).record.newest).not.toHaveProperty('desired');
      const kept = await tableOf('simringusers').getEntity(broken.partitionKey, broken.rowKey);
      expect(kept).toMatchObject({ record });
      await tableOf('simringusers').deleteEntity(broken.partitionKey, broken.rowKey);
    },
  );
});

describe('storage that fails', () => {
  const alice = sip('alice@contoso.com');

  it('is reported if the table does not exist, which does not mean that a user is new', async () => {
    const absent = new TableUsers(tableOf('nosuchtable'));
    for (const call of [
      () => absent.read(alice),
      () => absent.write(alice, {}, undefined),
      () => absent.write(alice, {}, '*'),
      () => absent.list({ limit: 1 }),
      () => absent.probe(),
    ]) {
      await expect(call()).rejects.toMatchObject({
        name: 'StorageUnavailableError',
        message: expect.stringContaining('404 TableNotFound'),
      });
    }
    await expect(users.probe()).resolves.toBeUndefined();
  });
});

describe('storage that was stopped', () => {
  beforeAll(() => storage.stop());

  it('is reported, with what could not be done', async () => {
    const alice = sip('alice@contoso.com');
    const unreachable = new TableUsers(tableOf('simringusers', { retryOptions: { maxRetries: 0 } }));
    await expect(unreachable.read(alice)).rejects.toThrow(StorageUnavailableError);
    await expect(unreachable.write(alice, {}, undefined)).rejects.toThrow(
      'Storage could not write the row of a user (no response ECONNREFUSED).',
    );
    await expect(unreachable.probe()).rejects.toThrow(StorageUnavailableError);
  });
});
