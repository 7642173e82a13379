import { describe, expect, it } from 'vitest';
import { VaultUnavailableError } from '../../../../../shared/ring/ports/credential-store.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { always503, requeued } from '../../../../support/ring/requeued.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

describe('an entry that cannot be done now', () => {
  it('is requeued alone with a delay while the others finish', async () => {
    const harness = await openHarness();
    const [a, b, c] = [harness.addUser(), harness.addUser(), harness.addUser()];
    harness.simulator.fail({ user: b, step: 'read', ...always503 });
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
        [c, 3],
      ]),
    );
    expect(harness.outcomes('hr')).toEqual(['applied', 'deferred', 'applied']);
    const requestedAt = expect.any(String);
    const entries = [{ entry: 1, attempts: 1 }];
    expect(requeued(harness)).toEqual([{ delayMs: 30_000, hop: 1, deferrals: 1, requestedAt, entries }]);
    expect(harness.queues.results).toEqual([]);
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect(harness.queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ applied: 3 }]);
  });

  it('is requeued before the ledger says `deferred`, so that a crash between the two loses nothing', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    harness.simulator.fail({ step: 'read', ...always503 });
    harness.hooks.after = async (call) => {
      if (call === 'send bulk') throw new Error('killed');
    };
    const message = teamMessage([[a, 1]]);
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    expect(harness.outcomes('hr')).toEqual(['pending']);
    expect(requeued(harness)).toHaveLength(1);
    harness.hooks.after = undefined;
    harness.simulator.clearFaults();
    harness.clock.pass(60_000);
    await harness.deliver(message, { dequeueCount: 2 });
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('fails after the maximum of attempts that reached UCWA, with growing delays between them', async () => {
    const harness = await openHarness({ maxAttempts: 4 });
    const a = harness.addUser();
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })).toMatchObject([
      { outcome: { detail: expect.stringMatching(/ It will be tried again from the queue\.$/) } },
    ]);
    for (let round = 0; round < 10; round++) {
      // Longer than a pool stays paused after failures.
      harness.clock.pass(600_000);
      await harness.drain(1);
    }
    expect(harness.outcomes('hr')).toEqual(['failed']);
    expect(requeued(harness).map(({ delayMs }) => delayMs)).toEqual([30_000, 120_000, 600_000]);
    expect(requeued(harness).map(({ entries: [first] }) => first?.attempts)).toEqual([1, 2, 3]);
    const [entry] = harness.ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({
      code: 'ucwa-unavailable',
      ucwa: { status: 503 },
      detail: expect.stringMatching(/ is not tried again, because BULK_MAX_ATTEMPTS has been reached: /),
    });
    expect(JSON.parse(harness.queues.results[0] ?? '').failed).toMatchObject([
      { entry: 0, outcome: 'failed' },
    ]);
  });

  it('is left to the requeued message when the first message is delivered again before it', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    const message = teamMessage([[a, 1]]);
    await harness.deliver(message);
    const requestCount = harness.simulator.requests.length;
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.simulator.requests.length).toBe(requestCount);
    expect(requeued(harness)).toHaveLength(1);
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });

  it('fails when the hours to try are over, and counts no attempt that did not reach UCWA', async () => {
    const harness = await openHarness({ maxAttempts: 2, giveUpAfterMs: 10 * 60 * 60_000 });
    const a = harness.addUser();
    harness.hooks.before = async (call) => {
      if (call.startsWith('read-secret')) throw new VaultUnavailableError('The vault is not available.');
    };
    await harness.deliver(teamMessage([[a, 1]]));
    await harness.drain();
    const sent = requeued(harness);
    expect(new Set(sent.flatMap(({ entries }) => entries.map(({ attempts }) => attempts)))).toEqual(
      new Set([0]),
    );
    expect(sent.map(({ delayMs }) => delayMs / 60_000)).toEqual([0.5, 2, 10, 30, 120, 120, 120, 120, 120]);
    expect(new Set(sent.map(({ requestedAt }) => requestedAt)).size).toBe(1);
    const [entry] = harness.ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({
      outcome: 'failed',
      code: 'vault-unavailable',
      detail: expect.stringMatching(/ is not tried again, because BULK_GIVE_UP_HOURS has been reached: /),
    });
  });
});
