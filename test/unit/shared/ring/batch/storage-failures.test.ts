import { expect, it } from 'vitest';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { BulkDesk } from '../../../../support/ring/bulk-desk.ts';
import { teamMessage } from '../../../../support/ring/bulk-parts.ts';
import { simulate } from '../../../../support/ucwa/simulation.ts';

/** One of each kind: done, deferred at first, busy at first, wrong, and superseded within the message. */
async function deskWithWork() {
  const desk = new BulkDesk(simulator);
  const [a, b, c] = desk.hire(3);
  if (a === undefined || b === undefined || c === undefined) throw new Error('Nobody was hired.');
  simulator.fail({ user: b, step: 'read-settings', times: 4, answer: { status: 429 } });
  const other = { claim: { id: 'other', untilMs: desk.clock.nowMs() + 60_000 } };
  await desk.users.write(c, other, undefined);
  const message = teamMessage([
    [a, 1],
    [b, 2],
    [c, 3],
    ['nobody', 4],
    [c, 5],
  ]);
  return { desk, message, users: [a, b, c] };
}

let simulator: Awaited<ReturnType<typeof simulate>>;

it.each(['before', 'after'] as const)(
  'loses nothing and poisons nothing, whichever call of storage fails, %s it did its work',
  async (turn) => {
    simulator = await simulate({ users: [] });
    let failures = 0;
    for (let place = 0; ; place++) {
      const { desk, message, users } = await deskWithWork();
      desk.failAt(place, turn);
      const isFailed = await desk.deliver(message).then(
        () => false,
        (error: unknown) => {
          expect(error).toBeInstanceOf(StorageUnavailableError);
          return true;
        },
      );
      desk.hooks[turn] = undefined;
      if (isFailed) {
        failures += 1;
        desk.clock.pass(60_000);
        await desk.deliver(message, { dequeueCount: 2 });
      }
      await desk.drain();
      const now = `call ${place}`;
      expect(desk.queues.poison, now).toEqual([]);
      expect(desk.outcomes('hr'), now).toEqual([
        ...['applied', 'applied', 'superseded', 'rejected', 'applied'],
      ]);
      expect(
        users.map((user) => desk.ringOf(user)),
        now,
      ).toEqual([1, 2, 5]);
      for (const user of users) {
        expect(simulator.count('set-ring', user), now).toBe(1);
        expect(desk.users.peek(user).claim, now).toBeUndefined();
      }
      const summaries = desk.queues.results.map((text) => JSON.parse(text));
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
  const { desk, message, users } = await deskWithWork();
  const endsAtMs = desk.clock.nowMs() + 120_000;
  desk.hooks.before = async (call) => {
    if (!call.startsWith('read-secret') && desk.clock.nowMs() < endsAtMs)
      throw new StorageUnavailableError('Storage is away.');
  };
  let deliveries = 1;
  for (; ; deliveries++) {
    const isDone = await desk.deliver(message, { dequeueCount: deliveries }).then(
      () => true,
      () => false,
    );
    if (isDone) break;
    desk.clock.pass(60_000);
  }
  await desk.drain();
  expect(deliveries).toBe(3);
  expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'superseded', 'rejected', 'applied']);
  expect(users.map((user) => desk.ringOf(user))).toEqual([1, 2, 5]);
  expect(desk.queues.poison).toEqual([]);
});

it('outlasts an outage of tables alone: what the host would poison next begins anew', async () => {
  simulator = await simulate({ users: [] });
  const { desk, message, users } = await deskWithWork();
  desk.hooks.before = async (call) => {
    if (!call.startsWith('read-secret') && !call.startsWith('send'))
      throw new StorageUnavailableError('Tables are away.');
  };
  const requestedAt = new Date(desk.clock.nowMs()).toISOString();
  await expect(desk.deliver(message, { dequeueCount: 94 })).rejects.toThrow(StorageUnavailableError);
  await desk.deliver(message, { dequeueCount: 95 });
  const [sent] = desk.queues.bulk;
  expect(JSON.parse(sent?.text ?? '')).toEqual({ ...message, requestedAt });
  expect(desk.events).toMatchObject([{ event: 'message-begun-anew', batch: 'hr', part: 0 }]);
  desk.hooks.before = undefined;
  await desk.drain();
  expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'superseded', 'rejected', 'applied']);
  expect(users.map((user) => desk.ringOf(user))).toEqual([1, 2, 5]);
  expect(desk.queues.results).toHaveLength(1);
});
