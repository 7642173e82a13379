import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../../../shared/ring/batch/status.ts';
import { Semaphore } from '../../../../../shared/runtime/semaphore.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { always503 } from '../../../../support/ring/requeued.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

const countOf = (harness: BatchHarness, outcome: string) =>
  harness.outcomes('hr').filter((name) => name === outcome).length;

describe('a batch that is cancelled while it runs', () => {
  it('has the true outcome of each entry that was started, cancels the rest, and counts them all', async () => {
    const harness = await openHarness({ inFlight: new Semaphore(4) });
    const users = harness.addUsers(60);
    harness.simulator.fail({ user: users[1] ?? '', ...always503 });
    let ended = 0;
    harness.hooks.after = async (call) => {
      if (!call.startsWith('write sip:') || ++ended !== 40) return;
      harness.hooks.after = undefined;
      await harness.ledger.cancelBatch('hr');
      harness.clock.pass(2_000);
    };
    await harness.deliver(teamMessage(users.map((user, index) => [user, index % 50])));
    const applied = countOf(harness, 'applied');
    expect(applied).toBeGreaterThan(10);
    expect(countOf(harness, 'cancelled')).toBe(60 - applied);
    for (const [index, outcome] of harness.outcomes('hr').entries()) {
      const isSet = harness.ringOf(users[index] ?? '') === index % 50;
      expect(isSet, `user ${index}`).toBe(outcome === 'applied');
    }
    const counts = { applied, cancelled: 60 - applied };
    const status = await readBatch(harness.ledger, 'hr', { limit: 200 });
    expect(status).toMatchObject({ entries: 60, finished: true, counts });
    expect(harness.queues.results.map((text) => JSON.parse(text).counts)).toEqual([counts]);
  });

  it('sends nothing more to UCWA, not even for requeued entries', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    harness.simulator.fail({ user: b, ...always503 });
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    await harness.ledger.cancelBatch('hr');
    const requestCount = harness.simulator.requests.length;
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect(harness.simulator.requests.length).toBe(requestCount);
  });

  it('keeps an outcome that only the user’s record has', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    const message = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    harness.hooks.before = async (call) => {
      if (call === `read ${b}` || call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    await harness.ledger.cancelBatch('hr');
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['applied', 'cancelled']);
  });
});

describe('a batch that is cancelled while a write may be under way', () => {
  it('finds out the outcome of that write once the claim of the crashed worker has expired', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    const message = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    let writes = 0;
    harness.hooks.before = async (call) => {
      const isReleaseOfA = call === `write ${a}` && ++writes === 2;
      if (isReleaseOfA || call === `read ${b}`) throw new Error('killed');
    };
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    expect(harness.ringOf(a)).toBe(1);
    await harness.ledger.cancelBatch('hr');
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['pending', 'cancelled']);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.queues.results.map((text) => JSON.parse(text).counts)).toEqual([
      { applied: 1, cancelled: 1 },
    ]);
  });

  it('tries again only the entries whose write had no conclusive response', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    harness.simulator.fail({ user: a, step: 'write', ...always503 });
    harness.simulator.fail({ user: b, step: 'read', ...always503 });
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(harness.outcomes('hr')).toEqual(['deferred', 'deferred']);
    await harness.ledger.cancelBatch('hr');
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect([harness.ringOf(a), harness.ringOf(b)]).toEqual([1, 'None']);
  });
});

describe('an entry of a cancelled batch', () => {
  it('is superseded, not cancelled, when it was written before a newer request was applied', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    const older = teamMessage([[a, 1]], { requestedAt: '2026-11-23T08:00:00Z' });
    let writes = 0;
    harness.hooks.before = async (call) => {
      if (call === `write ${a}` && ++writes === 2) throw new Error('killed');
    };
    await expect(harness.deliver(older)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    harness.clock.pass(121_000);
    await harness.deliver(teamMessage([[a, 2]], { batch: 'newer', requestedAt: '2026-11-23T08:30:00Z' }));
    await harness.ledger.cancelBatch('hr');
    await harness.deliver(older, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['superseded']);
    expect([harness.ringOf(a), harness.simulator.count('write', { user: a })]).toEqual([2, 2]);
  });
});
