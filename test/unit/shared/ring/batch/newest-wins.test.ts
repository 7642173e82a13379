import { beforeEach, expect, it } from 'vitest';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

let harness: BatchHarness;
const at = (seconds: number) => new Date(Date.parse('2026-11-23T08:00:00Z') + seconds * 1_000).toISOString();

beforeEach(async () => {
  harness = await openHarness();
});

it('lets the newer of two messages stay, where the older one is delivered after it', async () => {
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
  expect(users.map((user) => harness.ringOf(user))).toEqual([20, 20]);
});

it('lets the later part of a batch win, whatever the times and whichever comes first', async () => {
  const [a = '', b = ''] = harness.addUsers(2);
  const part = (number: number, user: string, seconds: number) =>
    teamMessage([[user, 10 + number]], { part: number, requestedAt: at(seconds) });
  await harness.deliver(part(0, a, 60));
  await harness.deliver(part(1, a, 0));
  expect([harness.outcomes('hr', 0), harness.outcomes('hr', 1)]).toEqual([['applied'], ['applied']]);
  await harness.deliver(part(3, b, 0));
  await harness.deliver(part(2, b, 60));
  expect([harness.outcomes('hr', 2), harness.outcomes('hr', 3)]).toEqual([['superseded'], ['applied']]);
  expect([harness.ringOf(a), harness.ringOf(b)]).toEqual([11, 13]);
});

it('counts a time in the future as the time of the enqueuing', async () => {
  const [a = ''] = harness.addUsers(1);
  const enqueuedAtMs = Date.parse(at(100));
  await harness.deliver(teamMessage([[a, 10]], { batch: 'ahead', requestedAt: at(9_999) }), { enqueuedAtMs });
  await harness.deliver(teamMessage([[a, 20]], { batch: 'honest', requestedAt: at(101) }), {
    enqueuedAtMs: Date.parse(at(102)),
  });
  expect([harness.outcomes('ahead'), harness.outcomes('honest')]).toEqual([['applied'], ['applied']]);
  expect(harness.ringOf(a)).toBe(20);
});

it('takes the time of the enqueuing where a message has none', async () => {
  const [a = ''] = harness.addUsers(1);
  await harness.deliver(teamMessage([[a, 20]], { batch: 'dated', requestedAt: at(50) }));
  await harness.deliver(teamMessage([[a, 10]], { batch: 'undated' }), { enqueuedAtMs: Date.parse(at(40)) });
  expect(harness.outcomes('undated')).toEqual(['superseded']);
});

it('keeps the order of requests within the one second that queues tell', async () => {
  const [a = ''] = harness.addUsers(1);
  const enqueuedAtMs = Date.parse('2026-11-23T08:00:00Z');
  const message = (batch: string, delay: number, requestedAt: string) =>
    harness.deliver(teamMessage([[a, delay]], { batch, requestedAt }), { enqueuedAtMs });
  await message('b-older', 10, '2026-11-23T08:00:00.300Z');
  await message('a-newer', 20, '2026-11-23T08:00:00.700Z');
  expect(harness.outcomes('a-newer')).toEqual(['applied']);
  expect(harness.ringOf(a)).toBe(20);
});

it('takes what is asked for one after the other, in one second and without a time, in that order', async () => {
  const [user] = harness.addUsers(1);
  if (user === undefined) throw new Error('No user was added.');
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

it('keeps the time that a message without one first had, when it is delivered again', async () => {
  const [user] = harness.addUsers(1);
  if (user === undefined) throw new Error('No user was added.');
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

it('supersedes what waits in the queue once a newer change came over HTTP', async () => {
  const [a = ''] = harness.addUsers(1);
  const requestedAt = new Date(harness.clock.nowMs()).toISOString();
  harness.simulator.fail({ step: 'read', times: 20, answer: { status: 503 } });
  await harness.deliver(teamMessage([[a, 10]], { requestedAt }));
  expect(harness.outcomes('hr')).toEqual(['deferred']);
  harness.simulator.clearFaults();
  harness.clock.pass(20_000);
  const [user] = harness.added;
  if (user === undefined) throw new Error('No user was added.');
  const changed = await harness.changeForCaller(user, { ring: 'team', ringDelaySeconds: 30 });
  expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied' } });
  await harness.drain();
  expect(harness.outcomes('hr')).toEqual(['superseded']);
  expect(harness.ringOf(a)).toBe(30);
});

it('carries a change that HTTP deferred to its end, in a batch that exists at once', async () => {
  const [user] = harness.addUsers(1);
  if (user === undefined) throw new Error('No user was added.');
  harness.simulator.fail({ step: 'read', times: 4, answer: { status: 503 } });
  const changed = await harness.changeForCaller(user, { ring: 'team', ringDelaySeconds: 30 });
  if (changed.kind !== 'deferred') throw new Error('It was not deferred.');
  expect(harness.outcomes(changed.batch)).toEqual(['deferred']);
  await harness.drain();
  expect(harness.outcomes(changed.batch)).toEqual(['applied']);
  expect(harness.ringOf(user)).toBe(30);
  expect(JSON.parse(harness.queues.results[0] ?? '')).toMatchObject({ batch: changed.batch });
});
