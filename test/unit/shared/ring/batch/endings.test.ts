import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { StoppedError } from '../../../../../shared/ring/batch/run.ts';
import { readBatch } from '../../../../../shared/ring/batch/status.ts';
import { Semaphore } from '../../../../../shared/runtime/semaphore.ts';
import { watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

const countOf = (harness: BatchHarness, outcome: string) =>
  harness.outcomes('hr').filter((name) => name === outcome).length;

describe('a message that was delivered nearly too often', () => {
  it('tells what is open as failed, keeps what the users’ records know, and is done with', async () => {
    const harness = await openHarness();
    const users = harness.addUsers(3);
    const message = teamMessage(users.map((user) => [user, 7]));
    harness.hooks.before = async (call) => {
      if (call === `read ${users[2]}` || call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    const asked = harness.simulator.requests.length;
    await harness.deliver(message, { dequeueCount: 95 });
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'failed']);
    expect(harness.simulator.requests.length).toBe(asked);
    expect(harness.queues.bulk).toEqual([]);
    expect(harness.queues.poison).toEqual([]);
    expect(JSON.parse(harness.queues.results[0] ?? '')).toMatchObject({
      counts: { applied: 2, failed: 1 },
      failed: [{ entry: 2, code: 'ucwa-unavailable' }],
    });
  });

  it('is worked on as any other until then', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    await harness.deliver(teamMessage([[a, 7]]), { dequeueCount: 94 });
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });

  it('leaves alone what a later message took over', async () => {
    const harness = await openHarness({ sliceMs: 0 });
    const [a = ''] = harness.addUsers(1);
    const message = teamMessage([[a, 7]]);
    await harness.deliver(message);
    await harness.drain(1);
    await harness.deliver(message, { dequeueCount: 95 });
    expect(harness.outcomes('hr')).toEqual(['pending']);
  });
});

it.each(['no bulk message', 'bm8gYnVsayBtZXNzYWdl', '{"schema":"simring/bulk/2"}', 'with \u0007'])(
  'puts what is no bulk message, %j, to what needs a person at once',
  async (content) => {
    const harness = await openHarness();
    await harness.deliver(content);
    const [poisoned] = harness.queues.poison;
    expect([content, JSON.stringify(content)]).toContain(poisoned);
    expect(harness.events).toMatchObject([{ event: 'message-poisoned', level: 'error' }]);
  },
);

/** A whole attempt over HTTP, on a machine that is busy. */
const patience = { timeout: 20_000 };

it('shows within two seconds who is done, though somebody else of the message is not', async () => {
  const harness = await openHarness();
  const [a = '', b = ''] = harness.addUsers(2);
  harness.simulator.fail({ user: b, step: 'read', answer: { kind: 'hang' } });
  const delivered = harness.deliver(
    teamMessage([
      [a, 1],
      [b, 2],
    ]),
  );
  delivered.catch(() => {});
  await vi.waitUntil(() => {
    harness.clock.expireTimeouts(2_000);
    return harness.outcomes('hr')[0] === 'applied';
  }, patience);
  expect(harness.outcomes('hr')).toEqual(['applied', 'pending']);
  await vi.waitUntil(() => {
    harness.clock.expireTimeouts(5_000);
    return harness.outcomes('hr')[1] === 'applied';
  }, patience);
  await delivered;
});

it('logs what is wrong with a message, without what its sender put into it', async () => {
  const harness = await openHarness();
  await harness.deliver({ schema: 'simring/bulk/1', batch: 7, '+14255550123': true, entries: [] });
  const [event] = harness.events;
  expect(event).toMatchObject({ event: 'message-poisoned' });
  expect(event?.event === 'message-poisoned' && event.reasons).toMatchObject([
    expect.stringMatching(/^\/batch: /),
    expect.stringMatching(/^\/entries: /),
    '/: It has 1 properties that a bulk message does not have.',
  ]);
  expect(JSON.stringify(event)).not.toContain('4255550123');
  await harness.deliver(teamMessage([['alice@contoso.com', 1]], { requestedat: '2026-11-23T08:00:00Z' }));
  expect(harness.events.at(-1)).toMatchObject({
    batch: 'hr',
    reasons: ['/: It has 1 properties that a bulk message does not have.'],
  });
});

describe('a batch that is cancelled in the middle', () => {
  it('has the true outcome of what was begun, the rest is cancelled, and the counts add up', async () => {
    const harness = await openHarness({ inFlight: new Semaphore(4) });
    const users = harness.addUsers(60);
    harness.simulator.fail({
      user: users[1] ?? '',
      times: Number.POSITIVE_INFINITY,
      answer: { status: 503 },
    });
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

  it('asks nobody any more, also for what was sent on', async () => {
    const harness = await openHarness();
    const [a = '', b = ''] = harness.addUsers(2);
    harness.simulator.fail({ user: b, times: Number.POSITIVE_INFINITY, answer: { status: 503 } });
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    await harness.ledger.cancelBatch('hr');
    const asked = harness.simulator.requests.length;
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect(harness.simulator.requests.length).toBe(asked);
  });

  it('keeps the outcome that only the user’s record knows', async () => {
    const harness = await openHarness();
    const [a = '', b = ''] = harness.addUsers(2);
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
  it('has the true outcome of that write once the claim of who made it is over', async () => {
    const harness = await openHarness();
    const [a = '', b = ''] = harness.addUsers(2);
    const message = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    let writes = 0;
    harness.hooks.before = async (call) => {
      const isEndOfA = call === `write ${a}` && ++writes === 2;
      if (isEndOfA || call === `read ${b}`) throw new Error('killed');
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

  it('tries those again whose write was not answered, and nobody else', async () => {
    const harness = await openHarness();
    const [a = '', b = ''] = harness.addUsers(2);
    const fault = { times: Number.POSITIVE_INFINITY, answer: { status: 503 } } as const;
    harness.simulator.fail({ user: a, step: 'write', ...fault });
    harness.simulator.fail({ user: b, step: 'read', ...fault });
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

it('calls superseded, not cancelled, what was written before a newer request came', async () => {
  const harness = await openHarness();
  const [a = ''] = harness.addUsers(1);
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

describe('an instance that stops', () => {
  it('records what ended, releases who is not being written, and holds who is', async () => {
    const harness = await openHarness();
    const [a, b, c] = harness.addUsers(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('No user was added.');
    harness.simulator.fail({ user: a, step: 'write', answer: { kind: 'hang' } });
    harness.simulator.fail({ user: b, step: 'read', answer: { kind: 'hang' } });
    const stop = new AbortController();
    let waitedFor = 3;
    const happened = () => {
      waitedFor -= 1;
      if (waitedFor === 0) stop.abort();
    };
    harness.hooks.after = async (call) => {
      if (call === `write ${c}` && harness.users.peek(c).last !== undefined) happened();
    };
    onTestFinished(watchHangs(harness.simulator, happened));
    const message = teamMessage([
      [a, 1],
      [b, 2],
      [c, 3],
    ]);
    await expect(harness.deliver(message, { signal: stop.signal })).rejects.toThrow(StoppedError);
    harness.hooks.after = undefined;
    expect(harness.outcomes('hr')).toEqual(['pending', 'pending', 'applied']);
    expect(harness.users.peek(a).claim?.untilMs).toBe(harness.clock.nowMs() + 30_000);
    expect(harness.users.peek(b).claim).toBeUndefined();
    expect(harness.users.peek(c).claim).toBeUndefined();
    expect(harness.queues.bulk).toEqual([]);
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['pending', 'applied', 'applied']);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect([a, b, c].map((user) => harness.ringOf(user))).toEqual([1, 2, 3]);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('begins nothing once it stops', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    const message = teamMessage([[a, 1]]);
    await expect(harness.deliver(message, { signal: AbortSignal.abort() })).rejects.toThrow(StoppedError);
    expect(harness.simulator.requests).toEqual([]);
    expect(harness.users.writes).toBe(0);
  });
});
