import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { StoppedError } from '../../../../../shared/ring/batch/run.ts';
import { readSummary } from '../../../../../shared/ring/batch/status.ts';
import { Semaphore } from '../../../../../shared/runtime/semaphore.ts';
import { watchHangs } from '../../../../support/recovery/workshop.ts';
import { type BulkDesk, openDesk } from '../../../../support/ring/bulk-desk.ts';
import { teamMessage } from '../../../../support/ring/bulk-parts.ts';

const countOf = (desk: BulkDesk, outcome: string) =>
  desk.outcomes('hr').filter((name) => name === outcome).length;

describe('a message that was delivered nearly too often', () => {
  it('tells what is open as failed, keeps what the users’ records know, and is done with', async () => {
    const desk = await openDesk();
    const users = desk.hire(3);
    const message = teamMessage(users.map((user) => [user, 7]));
    desk.hooks.before = async (call) => {
      if (call === `read ${users[2]}` || call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(desk.deliver(message)).rejects.toThrow('killed');
    desk.hooks.before = undefined;
    const asked = desk.simulator.requests.length;
    await desk.deliver(message, { dequeueCount: 95 });
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'failed']);
    expect(desk.simulator.requests.length).toBe(asked);
    expect(desk.queues.bulk).toEqual([]);
    expect(desk.queues.poison).toEqual([]);
    expect(JSON.parse(desk.queues.results[0] ?? '')).toMatchObject({
      counts: { applied: 2, failed: 1 },
      failed: [{ entry: 2, code: 'ucwa-unavailable' }],
    });
  });

  it('is worked on as any other until then', async () => {
    const desk = await openDesk();
    const [a = ''] = desk.hire(1);
    await desk.deliver(teamMessage([[a, 7]]), { dequeueCount: 94 });
    expect(desk.outcomes('hr')).toEqual(['applied']);
  });

  it('leaves alone what a later message took over', async () => {
    const desk = await openDesk({ sliceMs: 0 });
    const [a = ''] = desk.hire(1);
    const message = teamMessage([[a, 7]]);
    await desk.deliver(message);
    await desk.drain(1);
    await desk.deliver(message, { dequeueCount: 95 });
    expect(desk.outcomes('hr')).toEqual(['pending']);
  });
});

it.each(['no bulk message', 'bm8gYnVsayBtZXNzYWdl', '{"schema":"simring/bulk/2"}', 'with \u0007'])(
  'puts what is no bulk message, %j, to what needs a person at once',
  async (content) => {
    const desk = await openDesk();
    await desk.deliver(content);
    const [poisoned] = desk.queues.poison;
    expect([content, JSON.stringify(content)]).toContain(poisoned);
    expect(desk.events).toMatchObject([{ event: 'message-poisoned', level: 'error' }]);
  },
);

/** A whole attempt over HTTP, on a machine that is busy. */
const patience = { timeout: 20_000 };

it('shows within two seconds who is done, though somebody else of the message is not', async () => {
  const desk = await openDesk();
  const [a = '', b = ''] = desk.hire(2);
  desk.simulator.fail({ user: b, step: 'read-settings', answer: { kind: 'hang' } });
  const delivered = desk.deliver(
    teamMessage([
      [a, 1],
      [b, 2],
    ]),
  );
  delivered.catch(() => {});
  await vi.waitUntil(() => {
    desk.clock.endTimeouts(2_000);
    return desk.outcomes('hr')[0] === 'applied';
  }, patience);
  expect(desk.outcomes('hr')).toEqual(['applied', 'pending']);
  await vi.waitUntil(() => {
    desk.clock.endTimeouts(5_000);
    return desk.outcomes('hr')[1] === 'applied';
  }, patience);
  await delivered;
});

it('logs what is wrong with a message, without what its sender put into it', async () => {
  const desk = await openDesk();
  await desk.deliver({ schema: 'simring/bulk/1', batch: 7, '+14255550123': true, entries: [] });
  const [event] = desk.events;
  expect(event?.['reasons']).toMatchObject([
    expect.stringMatching(/^\/batch: /),
    expect.stringMatching(/^\/entries: /),
    '/: It has properties that a bulk message has not (1).',
  ]);
  expect(JSON.stringify(event)).not.toContain('4255550123');
  await desk.deliver(teamMessage([['alice@contoso.com', 1]], { requestedat: '2026-11-23T08:00:00Z' }));
  expect(desk.events.at(-1)).toMatchObject({
    batch: 'hr',
    reasons: ['/: It has properties that a bulk message has not (1).'],
  });
});

describe('a batch that is cancelled in the middle', () => {
  it('has the true outcome of what was begun, the rest is cancelled, and the counts add up', async () => {
    const desk = await openDesk({ inFlight: new Semaphore(4) });
    const users = desk.hire(60);
    desk.simulator.fail({ user: users[1] ?? '', times: Number.POSITIVE_INFINITY, answer: { status: 503 } });
    let ended = 0;
    desk.hooks.after = async (call) => {
      if (!call.startsWith('write sip:') || ++ended !== 40) return;
      desk.hooks.after = undefined;
      await desk.ledger.cancelBatch('hr');
      desk.clock.pass(2_000);
    };
    await desk.deliver(teamMessage(users.map((user, index) => [user, index % 50])));
    const applied = countOf(desk, 'applied');
    expect(applied).toBeGreaterThan(10);
    expect(countOf(desk, 'cancelled')).toBe(60 - applied);
    for (const [index, outcome] of desk.outcomes('hr').entries()) {
      const isSet = desk.ringOf(users[index] ?? '') === index % 50;
      expect(isSet, `user ${index}`).toBe(outcome === 'applied');
    }
    const counts = { applied, cancelled: 60 - applied };
    const status = await readSummary(desk.ledger, 'hr');
    expect(status).toMatchObject({ entries: 60, finished: true, counts });
    expect(desk.queues.results.map((text) => JSON.parse(text).counts)).toEqual([counts]);
  });

  it('asks nobody any more, also for what was sent on', async () => {
    const desk = await openDesk();
    const [a = '', b = ''] = desk.hire(2);
    desk.simulator.fail({ user: b, times: Number.POSITIVE_INFINITY, answer: { status: 503 } });
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    await desk.ledger.cancelBatch('hr');
    const asked = desk.simulator.requests.length;
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect(desk.simulator.requests.length).toBe(asked);
  });

  it('keeps the outcome that only the user’s record knows', async () => {
    const desk = await openDesk();
    const [a = '', b = ''] = desk.hire(2);
    const message = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    desk.hooks.before = async (call) => {
      if (call === `read ${b}` || call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(desk.deliver(message)).rejects.toThrow('killed');
    desk.hooks.before = undefined;
    await desk.ledger.cancelBatch('hr');
    await desk.deliver(message, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(['applied', 'cancelled']);
  });
});

describe('a batch that is cancelled while a write may be under way', () => {
  it('has the true outcome of that write once the claim of who made it is over', async () => {
    const desk = await openDesk();
    const [a = '', b = ''] = desk.hire(2);
    const message = teamMessage([
      [a, 1],
      [b, 2],
    ]);
    let writes = 0;
    desk.hooks.before = async (call) => {
      const isEndOfA = call === `write ${a}` && ++writes === 2;
      if (isEndOfA || call === `read ${b}`) throw new Error('killed');
    };
    await expect(desk.deliver(message)).rejects.toThrow('killed');
    desk.hooks.before = undefined;
    expect(desk.ringOf(a)).toBe(1);
    await desk.ledger.cancelBatch('hr');
    await desk.deliver(message, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(['pending', 'cancelled']);
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect(desk.simulator.count('set-ring')).toBe(1);
    expect(desk.queues.results.map((text) => JSON.parse(text).counts)).toEqual([
      { applied: 1, cancelled: 1 },
    ]);
  });

  it('tries those again whose write was not answered, and nobody else', async () => {
    const desk = await openDesk();
    const [a = '', b = ''] = desk.hire(2);
    const fault = { times: Number.POSITIVE_INFINITY, answer: { status: 503 } } as const;
    desk.simulator.fail({ user: a, step: 'set-ring', ...fault });
    desk.simulator.fail({ user: b, step: 'read-settings', ...fault });
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(desk.outcomes('hr')).toEqual(['deferred', 'deferred']);
    await desk.ledger.cancelBatch('hr');
    desk.simulator.clearFaults();
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'cancelled']);
    expect([desk.ringOf(a), desk.ringOf(b)]).toEqual([1, 'None']);
  });
});

it('calls superseded, not cancelled, what was written before a newer request came', async () => {
  const desk = await openDesk();
  const [a = ''] = desk.hire(1);
  const older = teamMessage([[a, 1]], { requestedAt: '2026-11-23T08:00:00Z' });
  let writes = 0;
  desk.hooks.before = async (call) => {
    if (call === `write ${a}` && ++writes === 2) throw new Error('killed');
  };
  await expect(desk.deliver(older)).rejects.toThrow('killed');
  desk.hooks.before = undefined;
  desk.clock.pass(121_000);
  await desk.deliver(teamMessage([[a, 2]], { batch: 'newer', requestedAt: '2026-11-23T08:30:00Z' }));
  await desk.ledger.cancelBatch('hr');
  await desk.deliver(older, { dequeueCount: 2 });
  expect(desk.outcomes('hr')).toEqual(['superseded']);
  expect([desk.ringOf(a), desk.simulator.count('set-ring', a)]).toEqual([2, 2]);
});

describe('an instance that stops', () => {
  it('records what ended, releases who is not being written, and holds who is', async () => {
    const desk = await openDesk();
    const [a, b, c] = desk.hire(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('Nobody was hired.');
    desk.simulator.fail({ user: a, step: 'set-ring', answer: { kind: 'hang' } });
    desk.simulator.fail({ user: b, step: 'read-settings', answer: { kind: 'hang' } });
    const stop = new AbortController();
    let waitedFor = 3;
    const happened = () => {
      waitedFor -= 1;
      if (waitedFor === 0) stop.abort();
    };
    desk.hooks.after = async (call) => {
      if (call === `write ${c}` && desk.users.peek(c).last !== undefined) happened();
    };
    onTestFinished(watchHangs(desk.simulator, happened));
    const message = teamMessage([
      [a, 1],
      [b, 2],
      [c, 3],
    ]);
    await expect(desk.deliver(message, { signal: stop.signal })).rejects.toThrow(StoppedError);
    desk.hooks.after = undefined;
    expect(desk.outcomes('hr')).toEqual(['pending', 'pending', 'applied']);
    expect(desk.users.peek(a).claim?.untilMs).toBe(desk.clock.nowMs() + 30_000);
    expect(desk.users.peek(b).claim).toBeUndefined();
    expect(desk.users.peek(c).claim).toBeUndefined();
    expect(desk.queues.bulk).toEqual([]);
    await desk.deliver(message, { dequeueCount: 2 });
    expect(desk.outcomes('hr')).toEqual(['pending', 'applied', 'applied']);
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect([a, b, c].map((user) => desk.ringOf(user))).toEqual([1, 2, 3]);
    expect(desk.queues.results).toHaveLength(1);
  });

  it('begins nothing once it stops', async () => {
    const desk = await openDesk();
    const [a = ''] = desk.hire(1);
    const message = teamMessage([[a, 1]]);
    await expect(desk.deliver(message, { signal: AbortSignal.abort() })).rejects.toThrow(StoppedError);
    expect(desk.simulator.requests).toEqual([]);
    expect(desk.users.writes).toBe(0);
  });
});
