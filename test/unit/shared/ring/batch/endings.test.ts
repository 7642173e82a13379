import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { StoppedError } from '../../../../../shared/ring/batch/endings.ts';
import { watchHangs } from '../../../../support/recovery/recovery-harness.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

describe('a message close to its delivery limit', () => {
  it('fails its open entries, except those whose outcome the user’s record has, and completes', async () => {
    const harness = await openHarness();
    const users = harness.addUsers(3);
    const message = teamMessage(users.map((user) => [user, 7]));
    harness.hooks.before = async (call) => {
      if (call === `read ${users[2]}` || call.startsWith('write-entries')) throw new Error('killed');
    };
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    const requestCount = harness.simulator.requests.length;
    await harness.deliver(message, { dequeueCount: 95 });
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'failed']);
    expect(harness.simulator.requests.length).toBe(requestCount);
    expect(harness.queues.bulk).toEqual([]);
    expect(harness.queues.poison).toEqual([]);
    expect(JSON.parse(harness.queues.results[0] ?? '')).toMatchObject({
      counts: { applied: 2, failed: 1 },
      failed: [{ entry: 2, code: 'interrupted' }],
    });
  });

  it('is processed as usual one delivery earlier', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    await harness.deliver(teamMessage([[a, 7]]), { dequeueCount: 94 });
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });

  it('leaves alone the entries that a later message took over', async () => {
    const harness = await openHarness({ sliceMs: 0 });
    const a = harness.addUser();
    const message = teamMessage([[a, 7]]);
    await harness.deliver(message);
    await harness.drain(1);
    await harness.deliver(message, { dequeueCount: 95 });
    expect(harness.outcomes('hr')).toEqual(['pending']);
  });
});

describe('content that is not a bulk message', () => {
  it.each(['not a message', 'bm90IGEgbWVzc2FnZQ==', '{"schema":"simring/bulk/2"}', 'with \u0007'])(
    'goes to the poison queue at once: %j',
    async (content) => {
      const harness = await openHarness();
      await harness.deliver(content);
      const [poisoned] = harness.queues.poison;
      expect([content, JSON.stringify(content)]).toContain(poisoned);
      expect(harness.events).toMatchObject([{ event: 'message-poisoned', level: 'error' }]);
    },
  );

  it('is logged with its issues, without the text that its sender chose', async () => {
    const harness = await openHarness();
    await harness.deliver({ schema: 'simring/bulk/1', batch: 7, '+14255550123': true, entries: [] });
    const [event] = harness.events;
    expect(event).toMatchObject({ event: 'message-poisoned' });
    expect(event?.event === 'message-poisoned' && event.reasons).toMatchObject([
      expect.stringMatching(/^\/batch: /),
      expect.stringMatching(/^\/entries: /),
      expect.stringMatching(/^\/: 1 property is unknown: check the spelling\. Allowed: schema, batch, /),
    ]);
    expect(JSON.stringify(event)).not.toContain('4255550123');
    await harness.deliver(teamMessage([['alice@contoso.com', 1]], { requestetAt: '2026-11-23T08:00:00Z' }));
    expect(harness.events.at(-1)).toMatchObject({
      event: 'message-rejected',
      batch: 'hr',
      reasons: [
        expect.stringMatching(/^\/: 1 property is unknown: check the spelling\. Allowed: schema, batch, /),
      ],
    });
  });
});

/** An attempt takes real time: it sends its requests over HTTP, perhaps on a busy machine. */
const patience = { timeout: 20_000 };

describe('an outcome', () => {
  it('is written to the ledger within two seconds, even while another user of the message is in progress', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
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
});

describe('an instance that is about to stop', () => {
  it('records what has ended and releases its claims, except those with a write under way', async () => {
    const harness = await openHarness();
    const [a, b, c] = [harness.addUser(), harness.addUser(), harness.addUser()];
    harness.simulator.fail({ user: a, step: 'write', answer: { kind: 'hang' } });
    harness.simulator.fail({ user: b, step: 'read', answer: { kind: 'hang' } });
    const stop = new AbortController();
    let awaited = 3;
    const happened = () => {
      awaited -= 1;
      if (awaited === 0) stop.abort();
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

  it('begins nothing new', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    const message = teamMessage([[a, 1]]);
    await expect(harness.deliver(message, { signal: AbortSignal.abort() })).rejects.toThrow(StoppedError);
    expect(harness.simulator.requests).toEqual([]);
    expect(harness.users.writes).toBe(0);
  });
});
