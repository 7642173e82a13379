import { describe, expect, it } from 'vitest';
import { VaultUnavailableError } from '../../../../../shared/ring/ports/credential-store.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

const dayMs = 24 * 60 * 60_000;
const retentionMs = 30 * dayMs;

function timeBefore(harness: BatchHarness, ms: number): string {
  return new Date(harness.clock.nowMs() - ms).toISOString();
}

/** Makes each attempt fail before it reaches UCWA, so that no attempt counts. */
function failVault(harness: BatchHarness): void {
  harness.hooks.before = async (call) => {
    if (call.startsWith('read-secret')) throw new VaultUnavailableError('The vault is not available.');
  };
}

describe('a message whose request is older than the retention', () => {
  it.each(['0001-01-01T00:00:00+00:00', '1970-01-01T00:00:00Z', '2026-10-24T08:59:59.999Z'])(
    'is rejected, and its sender hears why, where its part is new: %s',
    async (requestedAt) => {
      const harness = await openHarness();
      const [a = ''] = harness.addUsers(1);
      const message = teamMessage([[a, 7]], { requestedAt, part: 2, source: 'workday' });
      await harness.deliver(message);
      expect(harness.queues.poison).toEqual([]);
      expect(harness.events).toMatchObject([
        {
          event: 'message-rejected',
          batch: 'hr',
          part: 2,
          reasons: [expect.stringMatching(/^\/requestedAt: .* \(RESULT_RETENTION_DAYS\): /)],
        },
      ]);
      expect(harness.outcomes('hr', 2)).toEqual([]);
      const reason = expect.stringMatching(/^\/requestedAt: .* \(RESULT_RETENTION_DAYS\): /);
      expect(await harness.ledger.readRejectedMessages('hr', 10)).toMatchObject([{ part: 2, reason }]);
      expect(await harness.ledger.readParts('hr')).toEqual([]);
      expect(harness.queues.results.map((text) => JSON.parse(text))).toMatchObject([
        { batch: 'hr', part: 2, rejectedMessage: { detail: reason } },
      ]);
      expect(harness.simulator.requests).toEqual([]);
    },
  );

  it('is taken up to that age', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    await harness.deliver(teamMessage([[a, 7]], { requestedAt: timeBefore(harness, retentionMs) }));
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });

  it('is read all the same when it is delivered again', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    const message = teamMessage([[a, 7]], { requestedAt: timeBefore(harness, retentionMs) });
    harness.hooks.before = async (call) => {
      if (call === `read ${a}`) throw new Error('killed');
    };
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    harness.hooks.before = undefined;
    harness.clock.pass(dayMs);
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.queues.poison).toEqual([]);
  });

  it('is read all the same when it was requeued', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    failVault(harness);
    await harness.deliver(teamMessage([[a, 7]], { requestedAt: timeBefore(harness, retentionMs) }));
    expect(harness.outcomes('hr')).toEqual(['deferred']);
    harness.hooks.before = undefined;
    harness.clock.pass(dayMs / 2);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });

  it('is taken where it only waited long in the queue', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    const enqueuedAtMs = harness.clock.nowMs() - 40 * dayMs;
    await harness.deliver(teamMessage([[a, 7]]), { enqueuedAtMs });
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });
});

describe('the hours of trying', () => {
  it('count from when the entry was taken, not from the time of its request', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    failVault(harness);
    await harness.deliver(teamMessage([[a, 7]], { requestedAt: timeBefore(harness, 20 * dayMs) }));
    expect(harness.outcomes('hr')).toEqual(['deferred']);
    await harness.drain(1);
    expect(harness.outcomes('hr')).toEqual(['deferred']);
  });

  it('count from there for a requeued message too', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    failVault(harness);
    const takenAtMs = harness.clock.nowMs();
    await harness.deliver(teamMessage([[a, 7]], { requestedAt: timeBefore(harness, 20 * dayMs) }));
    await harness.drain();
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })).toMatchObject([
      { outcome: { outcome: 'failed', detail: expect.stringContaining('BULK_GIVE_UP_HOURS') } },
    ]);
    expect(harness.clock.nowMs() - takenAtMs).toBeGreaterThanOrEqual(dayMs);
    expect(harness.clock.nowMs() - takenAtMs).toBeLessThan(2 * dayMs);
  });
});
