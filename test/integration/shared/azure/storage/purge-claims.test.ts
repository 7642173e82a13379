import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableUsers } from '../../../../../shared/azure/storage/users/table-users.ts';
import type { UserRecord } from '../../../../../shared/ring/ports/user-store.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const day = 24 * 3_600_000;
const nowMs = 50 * day;
const order = { effectiveAtMs: 9 * day, batch: 'old', part: 0, entry: 1 };
const desired = { ring: 'off' } as const;
const kept = {
  refusedVersion: 'v1',
  unansweredToRestore: { target: 'tel:+14255550177', ringDelaySeconds: 20 },
} satisfies UserRecord;

/** What the purge leaves of the request, whose end is not recorded or which may have written. */
const purged = { newest: { order }, standing: { order, desired } };

const storage = new LocalStorage();
let table: TableClient;
let users: TableUsers;

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: ['simringusers'] });
  table = TableClient.fromConnectionString(storage.connectionString, 'simringusers', {
    allowInsecureConnection: true,
  });
  users = new TableUsers(table);
});
afterAll(() => storage.stop());

describe('the purge of users', () => {
  it('leaves the row of a user whose claim is live, though its request is old', async () => {
    const user = sip('live@contoso.com');
    const claim = { id: 'c', untilMs: nowMs + 1 };
    const record: UserRecord = { newest: { order, desired }, claim, before: { ring: 'off' }, ...kept };
    const written = await users.write(user, record, undefined);
    expect(await users.purge(20 * day, { nowMs: () => nowMs })).toBe(0);
    expect(await users.read(user)).toEqual({ record, ...(written === 'conflict' ? {} : written) });
    expect(await users.purge(20 * day, { nowMs: () => nowMs + 1 })).toBe(1);
    expect((await users.read(user)).record).toEqual({ ...purged, claim, ...kept });
  });

  it('leaves the row of a user who was claimed after the purge had listed it', async () => {
    const user = sip('crossing@contoso.com');
    const last = { order, outcome: outcomeOf('applied'), mayHaveWritten: true, atMs: 10 * day };
    const first = await users.write(user, { newest: { order, desired }, last }, undefined);
    if (first === 'conflict') throw new Error('The first write has no rival.');
    const claimed: UserRecord = { newest: { order, desired }, claim: { id: 'c', untilMs: nowMs + 1 } };
    let etag: string | undefined;
    const clock = {
      nowMs: () => {
        // The row was listed by now.
        claiming ??= users.write(user, claimed, first.etag).then((written) => {
          etag = written === 'conflict' ? undefined : written.etag;
        });
        return nowMs;
      },
    };
    let claiming: Promise<void> | undefined;
    await users.purge(20 * day, clock);
    await claiming;
    const { record } = await users.read(user);
    // Whichever write came first: the other conflicted, and nothing of the claim was lost.
    const standing = { ...purged.standing, provedAtMs: last.atMs };
    expect(record).toEqual(etag === undefined ? { ...purged, standing } : claimed);
  });

  it('keeps what protects the account and the settings of a user', async () => {
    const user = sip('protected@contoso.com');
    const last = { order, outcome: outcomeOf('failed'), mayHaveWritten: true, atMs: 10 * day };
    await users.write(user, { newest: { order, desired }, last, ...kept }, undefined);
    await users.purge(20 * day, { nowMs: () => nowMs });
    expect((await users.read(user)).record).toEqual({ ...purged, ...kept });
  });
});
