import { beforeEach, expect, it } from 'vitest';
import { type BulkDesk, openDesk } from '../../../../support/ring/bulk-desk.ts';
import { teamMessage } from '../../../../support/ring/bulk-parts.ts';

let desk: BulkDesk;
const at = (seconds: number) => new Date(Date.parse('2026-11-23T08:00:00Z') + seconds * 1_000).toISOString();

beforeEach(async () => {
  desk = await openDesk();
});

it('lets the newer of two messages stay, where the older one is delivered after it', async () => {
  const users = desk.hire(2);
  const message = (batch: string, delay: number, seconds: number) =>
    teamMessage(
      users.map((user) => [user, delay]),
      { batch, requestedAt: at(seconds) },
    );
  await desk.deliver(message('newer', 20, 60));
  await desk.deliver(message('older', 10, 0));
  expect(desk.outcomes('newer')).toEqual(['applied', 'applied']);
  expect(desk.outcomes('older')).toEqual(['superseded', 'superseded']);
  expect(users.map((user) => desk.ringOf(user))).toEqual([20, 20]);
});

it('lets the later part of a batch win, whatever the times and whichever comes first', async () => {
  const [a = '', b = ''] = desk.hire(2);
  const part = (number: number, user: string, seconds: number) =>
    teamMessage([[user, 10 + number]], { part: number, requestedAt: at(seconds) });
  await desk.deliver(part(0, a, 60));
  await desk.deliver(part(1, a, 0));
  expect([desk.outcomes('hr', 0), desk.outcomes('hr', 1)]).toEqual([['applied'], ['applied']]);
  await desk.deliver(part(3, b, 0));
  await desk.deliver(part(2, b, 60));
  expect([desk.outcomes('hr', 2), desk.outcomes('hr', 3)]).toEqual([['superseded'], ['applied']]);
  expect([desk.ringOf(a), desk.ringOf(b)]).toEqual([11, 13]);
});

it('counts a time in the future as the time of the enqueuing', async () => {
  const [a = ''] = desk.hire(1);
  const enqueuedAtMs = Date.parse(at(100));
  await desk.deliver(teamMessage([[a, 10]], { batch: 'ahead', requestedAt: at(9_999) }), { enqueuedAtMs });
  await desk.deliver(teamMessage([[a, 20]], { batch: 'honest', requestedAt: at(101) }), {
    enqueuedAtMs: Date.parse(at(102)),
  });
  expect([desk.outcomes('ahead'), desk.outcomes('honest')]).toEqual([['applied'], ['applied']]);
  expect(desk.ringOf(a)).toBe(20);
});

it('takes the time of the enqueuing where a message has none', async () => {
  const [a = ''] = desk.hire(1);
  await desk.deliver(teamMessage([[a, 20]], { batch: 'dated', requestedAt: at(50) }));
  await desk.deliver(teamMessage([[a, 10]], { batch: 'undated' }), { enqueuedAtMs: Date.parse(at(40)) });
  expect(desk.outcomes('undated')).toEqual(['superseded']);
});

it('keeps the order of requests within the one second that queues tell', async () => {
  const [a = ''] = desk.hire(1);
  const enqueuedAtMs = Date.parse('2026-11-23T08:00:00Z');
  const message = (batch: string, delay: number, requestedAt: string) =>
    desk.deliver(teamMessage([[a, delay]], { batch, requestedAt }), { enqueuedAtMs });
  await message('b-older', 10, '2026-11-23T08:00:00.300Z');
  await message('a-newer', 20, '2026-11-23T08:00:00.700Z');
  expect(desk.outcomes('a-newer')).toEqual(['applied']);
  expect(desk.ringOf(a)).toBe(20);
});

it('takes what is asked for one after the other, in one second and without a time, in that order', async () => {
  const [user] = desk.hire(1);
  if (user === undefined) throw new Error('Nobody was hired.');
  const enqueuedAtMs = desk.clock.nowMs();
  const send = (batch: string, delay: number) =>
    desk.deliver(teamMessage([[user, delay]], { batch }), { enqueuedAtMs });
  const change = async (ringDelaySeconds: number) =>
    (await desk.changeNow(user, { ring: 'team', ringDelaySeconds })).outcome.outcome;
  const steps = [
    () => change(10),
    () => send('b', 20).then(() => desk.outcomes('b')[0]),
    () => send('a', 30).then(() => desk.outcomes('a')[0]),
    () => change(40),
  ];
  for (const step of steps) {
    desk.clock.pass(100);
    expect(await step()).toBe('applied');
  }
  expect(desk.clock.nowMs()).toBeLessThan(enqueuedAtMs + 1_000);
  expect(desk.ringOf(user)).toBe(40);
});

it('keeps the time that a message without one first had, when it is delivered again', async () => {
  const [user] = desk.hire(1);
  if (user === undefined) throw new Error('Nobody was hired.');
  const enqueuedAtMs = desk.clock.nowMs();
  desk.clock.pass(100);
  desk.hooks.before = async (call) => {
    if (call.startsWith('write-entries')) throw new Error('killed');
  };
  const message = teamMessage([[user, 10]]);
  await expect(desk.deliver(message, { enqueuedAtMs })).rejects.toThrow('killed');
  desk.hooks.before = undefined;
  desk.clock.pass(100);
  await desk.changeNow(user, { ring: 'team', ringDelaySeconds: 40 });
  desk.clock.pass(60_000);
  await desk.deliver(message, { enqueuedAtMs, dequeueCount: 2 });
  expect(desk.outcomes('hr')).toEqual(['superseded']);
  expect(desk.ringOf(user)).toBe(40);
});

it('supersedes what waits in the queue once a newer change came over HTTP', async () => {
  const [a = ''] = desk.hire(1);
  const requestedAt = new Date(desk.clock.nowMs()).toISOString();
  desk.simulator.fail({ step: 'read-settings', times: 20, answer: { status: 503 } });
  await desk.deliver(teamMessage([[a, 10]], { requestedAt }));
  expect(desk.outcomes('hr')).toEqual(['deferred']);
  desk.simulator.clearFaults();
  desk.clock.pass(20_000);
  const [user] = desk.hired;
  if (user === undefined) throw new Error('Nobody was hired.');
  const changed = await desk.changeNow(user, { ring: 'team', ringDelaySeconds: 30 });
  expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied' } });
  await desk.drain();
  expect(desk.outcomes('hr')).toEqual(['superseded']);
  expect(desk.ringOf(a)).toBe(30);
});

it('carries a change that HTTP deferred to its end, in a batch that exists at once', async () => {
  const [user] = desk.hire(1);
  if (user === undefined) throw new Error('Nobody was hired.');
  desk.simulator.fail({ step: 'read-settings', times: 4, answer: { status: 503 } });
  const changed = await desk.changeNow(user, { ring: 'team', ringDelaySeconds: 30 });
  if (changed.kind !== 'deferred') throw new Error('It was not deferred.');
  expect(desk.outcomes(changed.batch)).toEqual(['deferred']);
  await desk.drain();
  expect(desk.outcomes(changed.batch)).toEqual(['applied']);
  expect(desk.ringOf(user)).toBe(30);
  expect(JSON.parse(desk.queues.results[0] ?? '')).toMatchObject({ batch: changed.batch });
});
