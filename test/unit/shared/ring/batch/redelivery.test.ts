import { beforeEach, describe, expect, it } from 'vitest';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

let harness: BatchHarness;

beforeEach(async () => {
  harness = await openHarness();
});

describe('a message that is delivered again', () => {
  it('continues from the state in the ledger, without changing ended entries or writing a setting twice', async () => {
    const users = harness.addUsers(5);
    const message = teamMessage(users.map((user, index) => [user, index]));
    const stop = new AbortController();
    harness.hooks.after = async (call) => {
      if (call === `write ${users[2]}`) stop.abort();
    };
    await expect(harness.deliver(message, { signal: stop.signal })).rejects.toThrow();
    harness.hooks.after = undefined;
    const before = harness.ledger.peek({ batch: 'hr', part: 0 });
    const writesBefore = harness.simulator.count('write');
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(Array(5).fill('applied'));
    expect(users.map((user) => harness.ringOf(user))).toEqual([0, 1, 2, 3, 4]);
    expect(harness.simulator.count('write')).toBe(5);
    expect(writesBefore).toBeLessThanOrEqual(5);
    const after = harness.ledger.peek({ batch: 'hr', part: 0 });
    for (const [index, entry] of before.entries()) {
      if (entry.outcome?.outcome === 'applied') expect(after[index]).toEqual(entry);
    }
  });

  it('changes nothing and sends no second summary when all its entries have ended', async () => {
    const users = harness.addUsers(3);
    const message = teamMessage(users.map((user) => [user, 7]));
    await harness.deliver(message);
    const before = harness.ledger.peek({ batch: 'hr', part: 0 });
    const requestCount = harness.simulator.requests.length;
    await harness.deliver(message, { dequeueCount: 2 });
    await harness.deliver(JSON.stringify(message));
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })).toEqual(before);
    expect(harness.simulator.requests.length).toBe(requestCount);
    expect(harness.queues.results).toHaveLength(1);
    expect(harness.queues.bulk).toEqual([]);
  });

  it('takes outcomes that are missing in the ledger from the users’ records', async () => {
    const users = harness.addUsers(2);
    const message = teamMessage(users.map((user) => [user, 7]));
    harness.hooks.before = async (call) => {
      if (call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    const requestCount = harness.simulator.requests.length;
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(harness.simulator.requests.length).toBe(requestCount);
  });
});

describe('a batch that asks for rings that are set already', () => {
  it('ends as unchanged, without writing', async () => {
    const users = harness.addUsers(2);
    await harness.deliver(teamMessage(users.map((user) => [user, 7])));
    await harness.deliver(
      teamMessage(
        users.map((user) => [user, 7]),
        { batch: 'hr-2' },
      ),
    );
    expect(harness.outcomes('hr-2')).toEqual(['unchanged', 'unchanged']);
    expect(harness.simulator.count('write')).toBe(2);
  });
});

describe('a message whose batch and part exist with other content', () => {
  it.each([
    ['fewer', 1, [[0, 9]]],
    [
      'equally many',
      2,
      [
        [0, 9],
        [1, 9],
      ],
    ],
    [
      'more',
      3,
      [
        [0, 9],
        [1, 9],
        [2, 9],
      ],
    ],
  ] as const)('is refused entry by entry when it has %s entries', async (_size, count, others) => {
    const users = harness.addUsers(3);
    const [a = '', b = ''] = users;
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    const before = harness.ledger.peek({ batch: 'hr', part: 0 });
    await harness.deliver(teamMessage(others.map(([index, delay]) => [users[index] ?? '', delay])));
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })).toEqual(before);
    expect(users.map((user) => harness.ringOf(user))).toEqual([1, 2, 'None']);
    const summary = JSON.parse(harness.queues.results.at(-1) ?? '');
    expect(summary.counts).toEqual({ rejected: count });
    expect(summary.failed.map(({ entry, code }: { entry: number; code: string }) => [entry, code])).toEqual(
      others.map((_other, entry) => [entry, 'batch-exists']),
    );
    expect(harness.queues.results).toHaveLength(2);
  });

  it('does not supersede an entry with one that is refused', async () => {
    const [a, b] = [harness.addUser(), harness.addUser()];
    harness.hooks.before = async (call) => {
      if (call === `read ${a}`) throw new Error('killed');
    };
    const first = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    await expect(harness.deliver(first)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
        [a, 9],
      ]),
    );
    await harness.deliver(first, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied']);
    expect([a, b].map((user) => harness.ringOf(user))).toEqual([1, 2]);
  });

  it('is refused as a whole, even when it comes while the first message is being entered', async () => {
    const users = harness.addUsers(101);
    const message = (delay: number) => teamMessage(users.map((user) => [user, delay]));
    let inserts = 0;
    harness.hooks.before = async (call) => {
      if (!call.startsWith('insert-entries') || ++inserts !== 2) return;
      harness.hooks.before = undefined;
      await harness.deliver(message(2));
    };
    await harness.deliver(message(1));
    expect(new Set(harness.outcomes('hr'))).toEqual(new Set(['applied']));
    expect(new Set(users.map((user) => harness.ringOf(user)))).toEqual(new Set([1]));
    const counts = harness.queues.results.map((text) => JSON.parse(text).counts);
    expect(counts).toEqual([{ rejected: 101 }, { applied: 101 }]);
  });

  it('leaves to the first message the entries that a crash kept out of the ledger', async () => {
    const users = harness.addUsers(101);
    const first = teamMessage(users.map((user) => [user, 1]));
    let inserts = 0;
    harness.hooks.before = async (call) => {
      if (call.startsWith('insert-entries') && ++inserts === 2) throw new Error('killed');
    };
    await expect(harness.deliver(first)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    const [a = '', b = ''] = users;
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 9],
      ]),
    );
    expect(harness.queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ rejected: 1 }]);
    await harness.deliver(first, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(Array(101).fill('applied'));
  });
});
