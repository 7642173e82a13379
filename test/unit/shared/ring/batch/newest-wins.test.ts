import { beforeEach, describe, expect, it } from 'vitest';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

let harness: BatchHarness;
const startMs = Date.parse('2026-11-23T08:00:00Z');
const at = (seconds: number) => new Date(startMs + seconds * 1_000).toISOString();

beforeEach(async () => {
  harness = await openHarness();
});

describe('the request order', () => {
  it('keeps the setting of the newer message when the older one is delivered after it', async () => {
    const users = harness.addUsers(2);
    const message = (batch: string, delay: number, seconds: number) =>
      teamMessage(
        users.map((user) => [user, delay]),
        { batch, requestedAt: at(seconds) },
      );
    await harness.deliver(message('newer', 20, 60));
    await harness.deliver(message('older', 10, 0));
    expect(harness.outcomes('newer')).toEqual(['applied', 'applied']);
    expect(harness.outcomes('older')).toEqual(['superseded', 'superseded']);
    expect(harness.ledger.peek({ batch: 'older', part: 0 })[0]?.outcome).toMatchObject({
      detail: `A newer request for this user, of ${at(60)} (batch "newer"), replaced this one, so nothing more is written for it. Nothing needs to be done; if this one is the one that counts, send it again.`,
    });
    expect(users.map((user) => harness.ringOf(user))).toEqual([20, 20]);
  });

  it.each([
    ['the later part, where their times are the same', [0, 0], 11],
    ['the part with the later time', [60, 0], 10],
  ] as const)('keeps of two parts of a batch the setting of %s', async (_which, [first, second], delay) => {
    const [a, b] = [harness.addUser(), harness.addUser()];
    const part = (batch: string, number: 0 | 1, user: string) =>
      teamMessage([[user, 10 + number]], {
        batch,
        part: number,
        requestedAt: at(number === 0 ? first : second),
      });
    await harness.deliver(part('hr-a', 0, a));
    await harness.deliver(part('hr-a', 1, a));
    await harness.deliver(part('hr-b', 1, b));
    await harness.deliver(part('hr-b', 0, b));
    expect([harness.ringOf(a), harness.ringOf(b)]).toEqual([delay, delay]);
  });

  it('takes the time of enqueuing for a `requestedAt` in the future', async () => {
    const a = harness.addUser();
    const enqueuedAtMs = Date.parse(at(100));
    await harness.deliver(teamMessage([[a, 10]], { batch: 'ahead', requestedAt: at(9_999) }), {
      enqueuedAtMs,
    });
    await harness.deliver(teamMessage([[a, 20]], { batch: 'honest', requestedAt: at(101) }), {
      enqueuedAtMs: Date.parse(at(102)),
    });
    expect([harness.outcomes('ahead'), harness.outcomes('honest')]).toEqual([['applied'], ['applied']]);
    expect(harness.ringOf(a)).toBe(20);
  });

  it('takes the time of enqueuing when a message has no `requestedAt`', async () => {
    const a = harness.addUser();
    await harness.deliver(teamMessage([[a, 20]], { batch: 'dated', requestedAt: at(50) }));
    await harness.deliver(teamMessage([[a, 10]], { batch: 'undated' }), { enqueuedAtMs: Date.parse(at(40)) });
    expect(harness.outcomes('undated')).toEqual(['superseded']);
  });

  it('orders requests by `requestedAt` within one second, the resolution of the time of enqueuing', async () => {
    const a = harness.addUser();
    const enqueuedAtMs = Date.parse('2026-11-23T08:00:00Z');
    const message = (batch: string, delay: number, requestedAt: string) =>
      harness.deliver(teamMessage([[a, delay]], { batch, requestedAt }), { enqueuedAtMs });
    await message('b-older', 10, '2026-11-23T08:00:00.300Z');
    await message('a-newer', 20, '2026-11-23T08:00:00.700Z');
    expect(harness.outcomes('a-newer')).toEqual(['applied']);
    expect(harness.ringOf(a)).toBe(20);
  });

  it('orders requests without `requestedAt` as they were made, even within one second', async () => {
    const user = harness.addUser();
    const enqueuedAtMs = harness.clock.nowMs();
    const send = (batch: string, delay: number) =>
      harness.deliver(teamMessage([[user, delay]], { batch }), { enqueuedAtMs });
    const change = async (ringDelaySeconds: number) =>
      (await harness.changeForCaller(user, { ring: 'team', ringDelaySeconds })).outcome.outcome;
    const steps = [
      () => change(10),
      () => send('b', 20).then(() => harness.outcomes('b')[0]),
      () => send('a', 30).then(() => harness.outcomes('a')[0]),
      () => change(40),
    ];
    for (const step of steps) {
      harness.clock.pass(100);
      expect(await step()).toBe('applied');
    }
    expect(harness.clock.nowMs()).toBeLessThan(enqueuedAtMs + 1_000);
    expect(harness.ringOf(user)).toBe(40);
  });

  it('keeps the request time of the first delivery when a message without `requestedAt` is delivered again', async () => {
    const user = harness.addUser();
    const enqueuedAtMs = harness.clock.nowMs();
    harness.clock.pass(100);
    harness.hooks.before = async (call) => {
      if (call.startsWith('write-entries')) throw new Error('killed');
    };
    const message = teamMessage([[user, 10]]);
    await expect(harness.deliver(message, { enqueuedAtMs })).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    harness.clock.pass(100);
    await harness.changeForCaller(user, { ring: 'team', ringDelaySeconds: 40 });
    harness.clock.pass(60_000);
    await harness.deliver(message, { enqueuedAtMs, dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['superseded']);
    expect(harness.ringOf(user)).toBe(40);
  });

  it('supersedes a deferred entry by a newer change over HTTP', async () => {
    const a = harness.addUser();
    const requestedAt = new Date(harness.clock.nowMs()).toISOString();
    harness.simulator.fail({ step: 'read', times: 20, answer: { status: 503 } });
    await harness.deliver(teamMessage([[a, 10]], { requestedAt }));
    expect(harness.outcomes('hr')).toEqual(['deferred']);
    harness.simulator.clearFaults();
    harness.clock.pass(20_000);
    const changed = await harness.changeForCaller(a, { ring: 'team', ringDelaySeconds: 30 });
    expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied' } });
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['superseded']);
    expect(harness.ringOf(a)).toBe(30);
  });
});

describe('a change that was deferred over HTTP', () => {
  it('is completed from the queue, in a batch that exists at once', async () => {
    const user = harness.addUser();
    harness.simulator.fail({ step: 'read', times: 4, answer: { status: 503 } });
    const changed = await harness.changeForCaller(user, { ring: 'team', ringDelaySeconds: 30 });
    if (changed.kind !== 'queued') throw new Error('The change was not deferred.');
    expect(harness.outcomes(changed.batch)).toEqual(['deferred']);
    await harness.drain();
    expect(harness.outcomes(changed.batch)).toEqual(['applied']);
    expect(harness.ringOf(user)).toBe(30);
    expect(harness.queues.results).toEqual([]);
  });
});
