import { describe, expect, it } from 'vitest';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { openHarnessWithoutSlots, requeued } from '../../../../support/ring/requeued.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

describe('a user claimed by another worker', () => {
  it('is tried again after the other users of the message', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    await harness.claimElsewhere(a, 900);
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(harness.queues.bulk).toEqual([]);
  });

  it('is requeued until the claim expires, without counting an attempt', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    await harness.claimElsewhere(a, 61_000);
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(harness.outcomes('hr')).toEqual(['pending', 'applied']);
    const [sent] = requeued(harness);
    expect(sent).toMatchObject({ hop: 1, deferrals: 0, entries: [{ entry: 0, attempts: 0 }] });
    expect(sent?.delayMs).toBeGreaterThan(50_000);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('is not requeued when a later message took the entry over meanwhile', async () => {
    const harness = await openHarness();
    const a = harness.addUser();
    await harness.claimElsewhere(a, 61_000);
    const message = teamMessage([[a, 1]]);
    harness.hooks.before = async (call) => {
      if (call !== `read ${a}`) return;
      harness.hooks.before = undefined;
      // The message that an earlier delivery requeued is processed already.
      await harness.deliver({ ...message, hop: 1, entries: [{ ...message.entries[0], entry: 0 }] });
    };
    await harness.deliver(message, { dequeueCount: 2 });
    expect(requeued(harness).map(({ hop }) => hop)).toEqual([2]);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('is requeued until the claim expires, even when the slice of the message ends first', async () => {
    const harness = await openHarness({ sliceMs: 500 });
    const a = harness.addUser();
    await harness.claimElsewhere(a, 61_000);
    await harness.deliver(teamMessage([[a, 1]]));
    expect(requeued(harness)[0]?.delayMs).toBe(60_000);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.queues.bulk).toHaveLength(1);
  });
});

describe('a requeued message', () => {
  it.each([
    ['was claimed by another worker', 240_000],
    ['was not started before the slice ended', 0],
  ])('carries on the attempts of a user that %s', async (_reason, sliceMs) => {
    const harness = await openHarness({ sliceMs });
    const a = harness.addUser();
    await harness.claimElsewhere(a, 61_000);
    const message = teamMessage([[a, 1]], { hop: 4 });
    await harness.deliver({ ...message, entries: [{ ...message.entries[0], entry: 0, attempts: 3 }] });
    expect(requeued(harness)).toMatchObject([{ hop: 5, entries: [{ entry: 0, attempts: 3 }] }]);
  });
});

describe('users for whom no slot comes free', () => {
  it.each([
    ['change', false],
    ['dry run', true],
  ])('keep no claim, and their %s is requeued without counting an attempt', async (_name, dryRun) => {
    const harness = await openHarnessWithoutSlots();
    const users = harness.addUsers(2);
    await harness.deliver(
      teamMessage(
        users.map((user, index) => [user, index]),
        { dryRun },
      ),
    );
    expect(harness.simulator.requests).toEqual([]);
    for (const user of users) expect(harness.users.peek(user).claim).toBeUndefined();
    const entries = [0, 1].map((entry) => ({ entry, attempts: 0 }));
    expect(requeued(harness)).toMatchObject([{ delayMs: 1_000, hop: 1, deferrals: 0, entries }]);
    expect(harness.events).toEqual([]);
  });
});

describe('a user of a message whose hours to try are over', () => {
  it('fails with the reason when another worker has claimed the user', async () => {
    const harness = await openHarness({ giveUpAfterMs: 0 });
    const a = harness.addUser();
    await harness.claimElsewhere(a, 61_000);
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.queues.bulk).toEqual([]);
    expect(JSON.parse(harness.queues.results[0] ?? '').failed).toEqual([
      {
        entry: 0,
        user: a,
        outcome: 'failed',
        code: 'busy',
        detail: expect.stringContaining('in progress'),
      },
    ]);
  });

  it('is requeued when no slot was free, because no attempt was started', async () => {
    const harness = await openHarnessWithoutSlots({ giveUpAfterMs: 0 });
    const a = harness.addUser();
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.outcomes('hr')).toEqual(['pending']);
    expect(requeued(harness)).toMatchObject([{ delayMs: 1_000, entries: [{ entry: 0, attempts: 0 }] }]);
  });

  it('is left to the other worker when that one claimed the user for the same request', async () => {
    const harness = await openHarness({ giveUpAfterMs: 0 });
    const a = harness.addUser();
    const order = { effectiveAtMs: harness.clock.nowMs(), batch: 'hr', part: 0, entry: 0 };
    const claim = { id: 'other', untilMs: harness.clock.nowMs() + 61_000 };
    await harness.users.write(a, { newest: { order, desired: { ring: 'off' } }, claim }, undefined);
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.outcomes('hr')).toEqual(['pending']);
    expect(requeued(harness)).toMatchObject([{ deferrals: 0, entries: [{ entry: 0, attempts: 0 }] }]);
  });

  it('fails with the reason when the claim was lost', async () => {
    const harness = await openHarness({ giveUpAfterMs: 0 });
    const a = harness.addUser();
    let writes = 0;
    harness.hooks.before = async (call) => {
      if (call !== `write ${a}` || ++writes !== 2) return;
      const { etag } = await harness.users.read(a);
      await harness.users.write(a, {}, etag);
    };
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.events).toMatchObject([
      { event: 'claim-lost', user: a },
      { event: 'ring-changed', user: a, outcome: 'failed' },
    ]);
    const [entry] = harness.ledger.peek({ batch: 'hr', part: 0 });
    const lostDetail =
      'The time to work for this user ran out before the outcome could be recorded. The change may already have been made. It is not tried again, because BULK_GIVE_UP_HOURS has been reached: send it again.';
    const lost = { outcome: 'failed', code: 'interrupted', detail: lostDetail };
    expect(entry?.outcome).toMatchObject(lost);
    expect(entry?.outcome).not.toHaveProperty('verified');
  });
});
