import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { TableUsers } from '../../../../../shared/azure/storage/users/table-users.ts';
import { checkUsers } from '../../../../../shared/ring/batch/users/check.ts';
import { usersReport } from '../../../../../shared/ring/batch/users/report.ts';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import { listUsers } from '../../../../../shared/ring/user/list-users.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';
import { invocation } from '../../../../support/ring/ring-deps.ts';

/** More than two pages of storage. */
const count = 2_400;
const writersAtOnce = 24;

const addresses = Array.from(
  { length: count },
  (_, nth) => `user${String(nth).padStart(4, '0')}@contoso.com`,
);

/** One of a hundred rings the team, one of ten is off. */
function desiredOf(nth: number): DesiredRing {
  if (nth % 100 === 99) return { ring: 'team' };
  return nth % 10 === 0 ? { ring: 'off' } : { ring: 'delegates', ringDelaySeconds: 10 };
}

const storage = new LocalStorage();
let users: TableUsers;
let requests = 0;

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: [], tables: ['simringusers'] });
  const table = TableClient.fromConnectionString(storage.connectionString, 'simringusers', {
    allowInsecureConnection: true,
  });
  table.pipeline.addPolicy({
    name: 'count-requests',
    sendRequest: (request, next) => {
      requests += 1;
      return next(request);
    },
  });
  users = new TableUsers(table);
  // The last comes first: order is the table's work.
  const left = addresses.map((address, nth) => ({ address, nth }));
  const write = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const order = { effectiveAtMs: 1, batch: 'hr', part: 0, entry: one.nth };
      const last = { order, outcome: outcomeOf('applied'), mayHaveWritten: true, atMs: 2 };
      await users.write(
        sip(one.address),
        { newest: { order, desired: desiredOf(one.nth) }, last },
        undefined,
      );
    }
  };
  await Promise.all(Array.from({ length: writersAtOnce }, write));
});
afterAll(() => storage.stop());
beforeEach(() => {
  requests = 0;
});

describe('a table of many users', () => {
  it('is listed in order with one request for a page', async () => {
    const listed: string[] = [];
    let continuation: string | undefined;
    let pages = 0;
    do {
      const from = continuation === undefined ? {} : { continuation };
      const page = await listUsers(users, { ...from, limit: 500 });
      listed.push(...page.users.map(({ user }) => user.slice('sip:'.length)));
      continuation = page.continuation;
      pages += 1;
    } while (continuation !== undefined);
    expect(listed).toEqual(addresses);
    expect(requests).toBe(pages);
  });

  it('is looked through for a rare ring with two requests for a page, which may be empty and go on', async () => {
    const first = await listUsers(users, { ring: 'contact', limit: 5 });
    expect(first).toEqual({ users: [], continuation: expect.any(String) });
    expect(requests).toBe(2);
    const { continuation = '' } = first;
    expect(await listUsers(users, { ring: 'contact', limit: 5, continuation })).toEqual({ users: [] });
    const team = await listUsers(users, { ring: 'team', limit: 5 });
    expect(team.users.map(({ user }) => user)).toEqual(
      [99, 199, 299, 399, 499].map((nth) => `sip:${addresses[nth]}`),
    );
  });

  it('is a CSV file with a row for each', async () => {
    const [, ...rows] = (await usersReport(users, {})).trimEnd().split('\r\n');
    expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual(addresses);
    expect(requests).toBe(3);
  });

  it('is checked with an entry for each user whose ring is not off', async () => {
    const { deps, queues } = await openHarness({ users });
    const expected = addresses.filter((_, nth) => desiredOf(nth).ring !== 'off');
    const checked = await checkUsers(deps, invocation());
    const messages = queues.bulk.map(({ text }) => JSON.parse(text));
    expect(checked).toMatchObject({ entries: expected.length, parts: messages.length });
    expect(messages.length).toBeGreaterThan(1);
    expect(messages.flatMap(({ entries }) => entries.map((entry: { user: string }) => entry.user))).toEqual(
      expected,
    );
    expect(requests).toBe(3);
  });
});
