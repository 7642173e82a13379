import { expect, it } from 'vitest';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { BatchHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';
import { simulate } from '../../../../support/ucwa/simulation.ts';

/** One of each kind: done, deferred at first, busy at first, wrong, and superseded within the message. */
async function deskWithWork() {
  const harness = new BatchHarness(simulator);
  const [a, b, c] = harness.addUsers(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error('No user was added.');
  simulator.fail({ user: b, step: 'read', times: 4, answer: { status: 429 } });
  const other = { claim: { id: 'other', untilMs: harness.clock.nowMs() + 60_000 } };
  await harness.users.write(c, other, undefined);
  const message = teamMessage([
    [a, 1],
    [b, 2],
    [c, 3],
    ['nobody', 4],
    [c, 5],
  ]);
  return { harness, message, users: [a, b, c] };
}

let simulator: Awaited<ReturnType<typeof simulate>>;

it.each(['before', 'after'] as const)(
  'loses nothing and poisons nothing, whichever call of storage fails, %s it did its work',
  async (turn) => {
    simulator = await simulate({ users: [] });
    let failures = 0;
    for (let place = 0; ; place++) {
      const { harness, message, users } = await deskWithWork();
      harness.failAt(place, turn);
      const isFailed = await harness.deliver(message).then(
        () => false,
        (error: unknown) => {
          expect(error).toBeInstanceOf(StorageUnavailableError);
          return true;
        },
      );
      harness.hooks[turn] = undefined;
      if (isFailed) {
        failures += 1;
        harness.clock.pass(60_000);
        await harness.deliver(message, { dequeueCount: 2 });
      }
      await harness.drain();
      const now = `call ${place}`;
      expect(harness.queues.poison, now).toEqual([]);
      expect(harness.outcomes('hr'), now).toEqual([
        ...['applied', 'applied', 'superseded', 'rejected', 'applied'],
      ]);
      expect(
        users.map((user) => harness.ringOf(user)),
        now,
      ).toEqual([1, 2, 5]);
      for (const user of users) {
        expect(simulator.count('write', { user }), now).toBe(1);
        expect(harness.users.peek(user).claim, now).toBeUndefined();
      }
      const summaries = harness.queues.results.map((text) => JSON.parse(text));
      expect(new Set(summaries.map(({ id }) => id)).size, now).toBe(1);
      expect(summaries[0].counts, now).toEqual({ applied: 3, superseded: 1, rejected: 1 });
      expect(summaries.length, now).toBeLessThanOrEqual(isFailed ? 2 : 1);
      if (!isFailed) break;
    }
    expect(failures).toBeGreaterThan(12);
  },
);

it('outlasts an outage of two minutes: the message comes back until all is done', async () => {
  simulator = await simulate({ users: [] });
  const { harness, message, users } = await deskWithWork();
  const endsAtMs = harness.clock.nowMs() + 120_000;
  harness.hooks.before = async (call) => {
    if (!call.startsWith('read-secret') && harness.clock.nowMs() < endsAtMs)
      throw new StorageUnavailableError('Storage is away.');
  };
  let deliveries = 1;
  for (; ; deliveries++) {
    const isDone = await harness.deliver(message, { dequeueCount: deliveries }).then(
      () => true,
      () => false,
    );
    if (isDone) break;
    harness.clock.pass(60_000);
  }
  await harness.drain();
  expect(deliveries).toBe(3);
  expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'superseded', 'rejected', 'applied']);
  expect(users.map((user) => harness.ringOf(user))).toEqual([1, 2, 5]);
  expect(harness.queues.poison).toEqual([]);
});

it('outlasts an outage of tables alone: what the host would poison next begins anew', async () => {
  simulator = await simulate({ users: [] });
  const { harness, message, users } = await deskWithWork();
  harness.hooks.before = async (call) => {
    if (!call.startsWith('read-secret') && !call.startsWith('send'))
      throw new StorageUnavailableError('Tables are away.');
  };
  const requestedAt = new Date(harness.clock.nowMs()).toISOString();
  await expect(harness.deliver(message, { dequeueCount: 94 })).rejects.toThrow(StorageUnavailableError);
  await harness.deliver(message, { dequeueCount: 95 });
  const [sent] = harness.queues.bulk;
  expect(JSON.parse(sent?.text ?? '')).toEqual({ ...message, requestedAt });
  expect(harness.events).toMatchObject([{ event: 'message-begun-anew', batch: 'hr', part: 0 }]);
  harness.hooks.before = undefined;
  await harness.drain();
  expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'superseded', 'rejected', 'applied']);
  expect(users.map((user) => harness.ringOf(user))).toEqual([1, 2, 5]);
  expect(harness.queues.results).toHaveLength(1);
});
