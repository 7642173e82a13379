import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableUsers } from '../../../../../shared/azure/storage/table-users.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import type { UserRecord, UserStore } from '../../../../../shared/ring/ports/user-store.ts';
import { claimToChange } from '../../../../../shared/ring/user/claim.ts';
import { sip, tel } from '../../../../support/ring/addresses.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';
import { withLostAnswers } from '../../../../support/ring/with-lost-answers.ts';

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

const order = { requestedAtMs: Date.parse('2026-11-23T09:00:00Z'), batch: 'hr', part: 3, entry: 17 };
const whole: UserRecord = {
  newest: { order, desired: { ring: 'contact', target: tel('tel:+14255550123') } },
  claim: { id: 'c-1', untilMs: order.requestedAtMs + 120_000 },
  before: { ring: 'off', forwarding: { target: 'tel:+14255550199' }, activePeriod: 'workhours' },
  last: {
    order,
    outcome: outcomeOf('failed', { code: 'ucwa-rejected', detail: 'So „it“ is 😀.', recovery: ['retry'] }),
    mayHaveWritten: true,
    atMs: order.requestedAtMs + 5,
  },
  refusedVersion: 'v1',
};

describe('what is known of a user', () => {
  it('is nothing, without an etag, for somebody who is new', async () => {
    expect(await users.read(sip('nobody@contoso.com'))).toEqual({ record: {}, etag: undefined });
  });

  it.each([
    'alice@contoso.com',
    "o'brien@contoso.com",
    'a&b=c+d!e$f*g~h_i-j@contoso.com',
    `${'x'.repeat(60)}@${'y'.repeat(60)}.com`,
  ])('comes back as it was written, for %s', async (address) => {
    const user = sip(address);
    const written = await users.write(user, whole, undefined);
    expect(await users.read(user)).toEqual({ record: whole, etag: expect.any(String) });
    expect(written).toEqual({ etag: (await users.read(user)).etag });
  });

  it('is kept for each user alone', async () => {
    await users.write(sip('a.b@contoso.com'), { refusedVersion: 'dot' }, undefined);
    await users.write(sip('a-b@contoso.com'), { refusedVersion: 'dash' }, undefined);
    expect((await users.read(sip('a.b@contoso.com'))).record).toEqual({ refusedVersion: 'dot' });
    expect((await users.read(sip('a-b@contoso.com'))).record).toEqual({ refusedVersion: 'dash' });
  });

  it('shows people who look into the table how it stands', async () => {
    await users.write(sip('shown@contoso.com'), whole, undefined);
    const entity = await tableOf('simringusers').getEntity('shown-40contoso-2ecom', 'user');
    expect(entity).toMatchObject({
      user: 'sip:shown@contoso.com',
      requestedAt: '2026-11-23T09:00:00.000Z',
      outcome: 'failed',
      claimedUntil: '2026-11-23T09:02:00.000Z',
    });
  });
});

describe('a write', () => {
  it('makes a new etag, and conflicts with an old one', async () => {
    const user = sip('etags@contoso.com');
    const first = await users.write(user, {}, undefined);
    if (first === 'conflict') throw new Error('The first write is alone.');
    const second = await users.write(user, { refusedVersion: 'v2' }, first.etag);
    expect(second).not.toEqual(first);
    expect(await users.write(user, {}, first.etag)).toBe('conflict');
    expect(await users.write(user, {}, undefined)).toBe('conflict');
    expect((await users.read(user)).record).toEqual({ refusedVersion: 'v2' });
  });

  it('takes away what the record no longer has', async () => {
    const user = sip('replaced@contoso.com');
    const first = await users.write(user, whole, undefined);
    if (first === 'conflict') throw new Error('The first write is alone.');
    await users.write(user, {}, first.etag);
    expect((await users.read(user)).record).toEqual({});
    const entity = await tableOf('simringusers').getEntity('replaced-40contoso-2ecom', 'user');
    expect(entity).not.toHaveProperty('claimedUntil');
  });

  it('conflicts where the user was purged meanwhile', async () => {
    const user = sip('purged@contoso.com');
    const first = await users.write(user, {}, undefined);
    if (first === 'conflict') throw new Error('The first write is alone.');
    await tableOf('simringusers').deleteEntity('purged-40contoso-2ecom', 'user');
    expect(await users.write(user, {}, first.etag)).toBe('conflict');
  });

  it('of many at once takes effect once', async () => {
    const user = sip('crowd@contoso.com');
    const written = await Promise.all(
      Array.from({ length: 10 }, (_, index) => users.write(user, { refusedVersion: `v${index}` }, undefined)),
    );
    expect(written.filter((answer) => answer !== 'conflict')).toHaveLength(1);
  });
});

describe('a claim on the table', () => {
  const claim = (of: UserStore, address: string, claimId: string) => {
    const request = { user: sip(address), claimId, nowMs: order.requestedAtMs, durationMs: 120_000 };
    return claimToChange(of, request, { order, desired: { ring: 'off' } });
  };

  it('goes to one of many who want it', async () => {
    const claims = Array.from({ length: 8 }, (_, index) =>
      claim(users, 'wanted@contoso.com', `claim-${index}`),
    );
    const kinds = (await Promise.all(claims)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual([...Array.from({ length: 7 }, () => 'busy'), 'claimed']);
  });

  it('is ours, and its end recorded, where each write met itself', async () => {
    const repeating = withLostAnswers(users);
    const claimed = await claim(repeating, 'lost@contoso.com', 'mine');
    if (claimed.kind !== 'claimed') throw new Error(`This claim is ${claimed.kind}.`);
    const result = {
      change: { order, outcome: outcomeOf('applied', { verified: true }), mayHaveWritten: true },
      before: { ring: 'team', ringDelaySeconds: 5 },
      refusedVersion: 'v1',
      nowMs: order.requestedAtMs,
    } as const;
    expect(await claimed.claim.release(result)).toBe('recorded');
    const { record } = await users.read(sip('lost@contoso.com'));
    expect(record).toEqual({
      newest: { order, desired: { ring: 'off' } },
      last: { ...result.change, atMs: result.nowMs },
      before: result.before,
      refusedVersion: 'v1',
    });
  });
});

describe('storage that fails', () => {
  const alice = sip('alice@contoso.com');

  it('says so where the table is not there, and does not take it for an unknown user', async () => {
    const absent = new TableUsers(tableOf('nosuchtable'));
    for (const call of [
      () => absent.read(alice),
      () => absent.write(alice, {}, undefined),
      () => absent.write(alice, {}, '*'),
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

  it('is told, with what could not be done', async () => {
    const alice = sip('alice@contoso.com');
    const unreachable = new TableUsers(tableOf('simringusers', { retryOptions: { maxRetries: 0 } }));
    await expect(unreachable.read(alice)).rejects.toThrow(StorageUnavailableError);
    await expect(unreachable.write(alice, {}, undefined)).rejects.toThrow(
      'Storage could not write the row of a user (no response ECONNREFUSED).',
    );
    await expect(unreachable.probe()).rejects.toThrow(StorageUnavailableError);
  });
});
