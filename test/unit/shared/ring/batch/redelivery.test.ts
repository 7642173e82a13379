import { beforeEach, describe, expect, it } from 'vitest';
import { type BulkDesk, openDesk } from '../../../../support/ring/bulk-desk.ts';
import { teamMessage } from '../../../../support/ring/bulk-parts.ts';

let desk: BulkDesk;

beforeEach(async () => {
  desk = await openDesk();
});

describe('a message that is delivered again', () => {
  it('goes on where the ledger says: what ended is untouched, and nothing is written twice', async () => {
    const users = desk.hire(5);
    const message = teamMessage(users.map((user, index) => [user, index]));
    const stop = new AbortController();
    desk.hooks.after = async (call) => {
      if (call === `write ${users[2]}`) stop.abort();
    };
    await expect(desk.deliver(message, { signal: stop.signal })).rejects.toThrow();
    desk.hooks.after = undefined;
    const before = desk.ledger.peek({ batch: 'hr', part: 0 });
    const posts = desk.simulator.count('set-ring');
    await desk.deliver(message, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(Array(5).fill('applied'));
    expect(users.map((user) => desk.ringOf(user))).toEqual([0, 1, 2, 3, 4]);
    expect(desk.simulator.count('set-ring')).toBe(5);
    expect(posts).toBeLessThanOrEqual(5);
    const after = desk.ledger.peek({ batch: 'hr', part: 0 });
    for (const [index, entry] of before.entries()) {
      if (entry.outcome?.outcome === 'applied') expect(after[index]).toEqual(entry);
    }
  });

  it('changes nothing when all of it ended, and sends no second summary', async () => {
    const users = desk.hire(3);
    const message = teamMessage(users.map((user) => [user, 7]));
    await desk.deliver(message);
    const before = desk.ledger.peek({ batch: 'hr', part: 0 });
    const asked = desk.simulator.requests.length;
    await desk.deliver(message, { dequeueCount: 2 });
    await desk.deliver(JSON.stringify(message));
    expect(desk.ledger.peek({ batch: 'hr', part: 0 })).toEqual(before);
    expect(desk.simulator.requests.length).toBe(asked);
    expect(desk.queues.results).toHaveLength(1);
    expect(desk.queues.bulk).toEqual([]);
  });

  it('finds out from the user’s record what the ledger did not hear of', async () => {
    const users = desk.hire(2);
    const message = teamMessage(users.map((user) => [user, 7]));
    desk.hooks.before = async (call) => {
      if (call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(desk.deliver(message)).rejects.toThrow('killed');
    desk.hooks.before = undefined;
    const asked = desk.simulator.requests.length;
    await desk.deliver(message, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(desk.simulator.requests.length).toBe(asked);
  });
});

it('answers unchanged where another batch asks for what is so already', async () => {
  const users = desk.hire(2);
  await desk.deliver(teamMessage(users.map((user) => [user, 7])));
  await desk.deliver(
    teamMessage(
      users.map((user) => [user, 7]),
      { batch: 'hr-2' },
    ),
  );
  expect(desk.outcomes('hr-2')).toEqual(['unchanged', 'unchanged']);
  expect(desk.simulator.count('set-ring')).toBe(2);
});

describe('the same name with other content', () => {
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
  ] as const)('is refused entry by entry where it has %s entries', async (_many, count, others) => {
    const users = desk.hire(3);
    const [a = '', b = ''] = users;
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    const before = desk.ledger.peek({ batch: 'hr', part: 0 });
    await desk.deliver(teamMessage(others.map(([index, delay]) => [users[index] ?? '', delay])));
    expect(desk.ledger.peek({ batch: 'hr', part: 0 })).toEqual(before);
    expect(users.map((user) => desk.ringOf(user))).toEqual([1, 2, 'None']);
    const told = JSON.parse(desk.queues.results.at(-1) ?? '');
    expect(told.counts).toEqual({ rejected: count });
    expect(told.failed.map((one: { entry: number; code: string }) => [one.entry, one.code])).toEqual(
      others.map((_other, entry) => [entry, 'batch-exists']),
    );
    expect(desk.queues.results).toHaveLength(2);
  });

  it('keeps an entry from being superseded by one that is refused', async () => {
    const [a = '', b = ''] = desk.hire(2);
    desk.hooks.before = async (call) => {
      if (call === `read ${a}`) throw new Error('killed');
    };
    const first = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    await expect(desk.deliver(first)).rejects.toThrow('killed');
    desk.hooks.before = undefined;
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
        [a, 9],
      ]),
    );
    await desk.deliver(first, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied']);
    expect([a, b].map((user) => desk.ringOf(user))).toEqual([1, 2]);
  });

  it('mixes nothing of two messages that are as long, though one comes while the other is being entered', async () => {
    const users = desk.hire(101);
    const message = (delay: number) => teamMessage(users.map((user) => [user, delay]));
    let inserts = 0;
    desk.hooks.before = async (call) => {
      if (!call.startsWith('insert-entries') || ++inserts !== 2) return;
      desk.hooks.before = undefined;
      await desk.deliver(message(2));
    };
    await desk.deliver(message(1));
    expect(new Set(desk.outcomes('hr'))).toEqual(new Set(['applied']));
    expect(new Set(users.map((user) => desk.ringOf(user)))).toEqual(new Set([1]));
    const counts = desk.queues.results.map((text) => JSON.parse(text).counts);
    expect(counts).toEqual([{ rejected: 101 }, { applied: 101 }]);
  });

  it('leaves to the first message what a crash kept it from entering', async () => {
    const users = desk.hire(101);
    const first = teamMessage(users.map((user) => [user, 1]));
    let inserts = 0;
    desk.hooks.before = async (call) => {
      if (call.startsWith('insert-entries') && ++inserts === 2) throw new Error('killed');
    };
    await expect(desk.deliver(first)).rejects.toThrow('killed');
    desk.hooks.before = undefined;
    const [a = '', b = ''] = users;
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 9],
      ]),
    );
    expect(desk.queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ rejected: 1 }]);
    await desk.deliver(first, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(Array(101).fill('applied'));
  });
});
