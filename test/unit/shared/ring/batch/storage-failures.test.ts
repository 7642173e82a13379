import { describe, expect, it } from 'vitest';
import type { UcwaSimulator } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { BatchHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';
import { simulate } from '../../../../support/ucwa/simulation.ts';

/**
 * Opens a harness with a message that has an entry of each kind: applied at once, deferred first, superseded within the
 * message, rejected, and claimed by another worker first.
 */
async function openWithMessage(simulator: UcwaSimulator) {
  const harness = new BatchHarness(simulator);
  const [a, b, c] = [harness.addUser(), harness.addUser(), harness.addUser()];
  simulator.fail({ user: b, step: 'read', times: 4, answer: { status: 429 } });
  await harness.claimElsewhere(c, 60_000);
  const message = teamMessage([
    [a, 1],
    [b, 2],
    [c, 3],
    ['nobody', 4],
    [c, 5],
  ]);
  return { harness, message, users: [a, b, c] };
}

/** The outcomes of that message's entries, in order. */
const outcomes = ['applied', 'applied', 'superseded', 'rejected', 'applied'];

describe('batch processing', () => {
  it.each(['before', 'after'] as const)(
    'loses and poisons nothing, whichever storage call fails %s taking effect',
    async (turn) => {
      const simulator = await simulate({ users: [] });
      let failures = 0;
      for (let index = 0; ; index++) {
        const { harness, message, users } = await openWithMessage(simulator);
        harness.failStorageCall(index, turn);
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
        const failedCall = `call ${index}`;
        expect(harness.queues.poison, failedCall).toEqual([]);
        expect(harness.outcomes('hr'), failedCall).toEqual(outcomes);
        expect(
          users.map((user) => harness.ringOf(user)),
          failedCall,
        ).toEqual([1, 2, 5]);
        for (const user of users) {
          expect(simulator.count('write', { user }), failedCall).toBe(1);
          expect(harness.users.peek(user).claim, failedCall).toBeUndefined();
        }
        const summaries = harness.queues.results.map((text) => JSON.parse(text));
        expect(new Set(summaries.map(({ id }) => id)).size, failedCall).toBe(1);
        expect(summaries[0].counts, failedCall).toEqual({ applied: 3, superseded: 1, rejected: 1 });
        expect(summaries.length, failedCall).toBeLessThanOrEqual(isFailed ? 2 : 1);
        if (!isFailed) break;
      }
      expect(failures).toBeGreaterThan(12);
    },
  );

  it('completes a message after two minutes without storage, during which the message keeps coming back', async () => {
    const { harness, message, users } = await openWithMessage(await simulate({ users: [] }));
    const endsAtMs = harness.clock.nowMs() + 120_000;
    harness.hooks.before = async (call) => {
      if (!call.startsWith('read-secret') && harness.clock.nowMs() < endsAtMs)
        throw new StorageUnavailableError('Storage is down.');
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
    expect(harness.outcomes('hr')).toEqual(outcomes);
    expect(users.map((user) => harness.ringOf(user))).toEqual([1, 2, 5]);
    expect(harness.queues.poison).toEqual([]);
  });

  it('sends a message again as a new one when the tables are down for as many deliveries as the host allows', async () => {
    const { harness, message, users } = await openWithMessage(await simulate({ users: [] }));
    harness.hooks.before = async (call) => {
      if (!call.startsWith('read-secret') && !call.startsWith('send'))
        throw new StorageUnavailableError('The tables are down.');
    };
    const requestedAt = new Date(harness.clock.nowMs()).toISOString();
    await expect(harness.deliver(message, { dequeueCount: 94 })).rejects.toThrow(StorageUnavailableError);
    await harness.deliver(message, { dequeueCount: 95 });
    const [sent] = harness.queues.bulk;
    expect(JSON.parse(sent?.text ?? '')).toEqual({ ...message, requestedAt });
    expect(harness.events).toMatchObject([{ event: 'message-begun-anew', batch: 'hr', part: 0 }]);
    harness.hooks.before = undefined;
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(outcomes);
    expect(users.map((user) => harness.ringOf(user))).toEqual([1, 2, 5]);
    expect(harness.queues.results).toHaveLength(1);
  });
});
