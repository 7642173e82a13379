import { describe, expect, it } from 'vitest';
import { Semaphore } from '../../../../../shared/runtime/semaphore.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { always503, requeued } from '../../../../support/ring/requeued.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

describe('the rest of a message', () => {
  it('goes into a message of the next generation when the slice ends, and belongs to that one', async () => {
    const harness = await openHarness({ inFlight: new Semaphore(1), sliceMs: 60_000 });
    const users = harness.addUsers(5);
    const message = teamMessage(users.map((user, index) => [user, index]));
    harness.hooks.after = async (call) => {
      if (call === `write ${users[1]}`) harness.clock.pass(31_000);
    };
    await harness.deliver(message);
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'pending', 'pending', 'pending']);
    const entries = [2, 3, 4].map((entry) => ({ entry, attempts: 0 }));
    expect(requeued(harness)).toMatchObject([{ delayMs: 0, hop: 1, deferrals: 0, entries }]);
    harness.hooks.after = undefined;
    const requestCount = harness.simulator.requests.length;
    let isTakenOver = false;
    harness.hooks.before = async (call) => {
      if (isTakenOver || !call.startsWith('read sip:')) return;
      isTakenOver = true;
      harness.hooks.before = undefined;
      await harness.deliver(message, { dequeueCount: 2 });
      expect(harness.simulator.requests.length).toBe(requestCount);
      expect(harness.queues.bulk).toHaveLength(1);
    };
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(Array(5).fill('applied'));
    expect(harness.ledger.peek({ batch: 'hr', part: 0 }).map(({ generation }) => generation)).toEqual([
      0, 0, 1, 1, 1,
    ]);
    expect(harness.simulator.count('write')).toBe(5);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('is requeued even when a later message took over some of the entries', async () => {
    const harness = await openHarness();
    const [a, b, c] = [harness.addUser(), harness.addUser(), harness.addUser()];
    const message = teamMessage([
      [a, 1],
      [b, 2],
      [c, 3],
    ]);
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    await harness.claimElsewhere(c, 300_000);
    // The outcome of b is written at once.
    harness.hooks.after = async (call) => {
      if (call === `write ${b}`) harness.clock.pass(2_000);
    };
    harness.hooks.before = async (call) => {
      if (call.startsWith('write-entries')) {
        harness.hooks.before = undefined;
        // The message that an earlier delivery requeued is processed already.
        await harness.deliver({ ...message, hop: 1, entries: [{ ...message.entries[1], entry: 1 }] });
      }
    };
    await harness.deliver(message, { dequeueCount: 2 });
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect([a, b, c].map((user) => harness.ringOf(user))).toEqual([1, 2, 3]);
  });

  it('is split when it does not fit into one message of ours', async () => {
    const harness = await openHarness({ sliceMs: 0 });
    const users = Array.from({ length: 400 }, (_, index) => `user-${index}@contoso.com`);
    const entries = users.map((user) => ({ user, ring: 'off', ref: `${user} `.repeat(6) }));
    await harness.deliver({ ...teamMessage([]), entries });
    const sizes = harness.queues.bulk.map(({ text }) => Buffer.from(text).toString('base64').length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
    const numbers = requeued(harness).flatMap((sent) => sent.entries.map(({ entry }) => entry));
    expect(numbers).toEqual(users.map((_user, index) => index));
  });
});
