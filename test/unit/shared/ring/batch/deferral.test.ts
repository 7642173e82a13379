import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { VaultUnavailableError } from '../../../../../shared/ring/ports/credential-store.ts';

import { Semaphore, type Slots } from '../../../../../shared/runtime/semaphore.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { type Overrides, teamMessage } from '../../../../support/ring/ring-deps.ts';

const sentForm = z.object({
  hop: z.number(),
  deferrals: z.number(),
  requestedAt: z.string(),
  entries: z.array(z.object({ entry: z.number(), attempts: z.number() })),
});

/** What was sent on, in order: how late it shows, and what it carries. */
function sentOn({ queues }: BatchHarness) {
  return queues.bulk.map(({ text, delayMs }) => ({ delayMs, ...sentForm.parse(JSON.parse(text)) }));
}

/** Places that are all taken, and nobody leaves: who waits gives up after the five seconds. */
async function openFullHarness(more: Overrides = {}): Promise<BatchHarness> {
  const taken = new Semaphore(1);
  await taken.acquire();
  const slots: Slots = {
    isFull: true,
    acquire: (signal) => {
      const entering = taken.acquire(signal);
      harness.clock.expireTimeouts(5_000);
      return entering;
    },
  };
  const harness: BatchHarness = await openHarness({ ...more, slots });
  return harness;
}

const always503 = { times: Number.POSITIVE_INFINITY, answer: { status: 503 } } as const;

describe('what could not be done now', () => {
  it('is sent on, alone and delayed, and the others are done', async () => {
    const harness = await openHarness();
    const [a = '', b = '', c = ''] = harness.addUsers(3);
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
    expect(sentOn(harness)).toEqual([{ delayMs: 30_000, hop: 1, deferrals: 1, requestedAt, entries }]);
    expect(harness.queues.results).toEqual([]);
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect(harness.queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ applied: 3 }]);
  });

  it('is sent before the ledger says so: a crash between the two loses nothing', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    harness.simulator.fail({ step: 'read', ...always503 });
    harness.hooks.after = async (call) => {
      if (call === 'send bulk') throw new Error('killed');
    };
    const message = teamMessage([[a, 1]]);
    await expect(harness.deliver(message)).rejects.toThrow('killed');
    expect(harness.outcomes('hr')).toEqual(['pending']);
    expect(sentOn(harness)).toHaveLength(1);
    harness.hooks.after = undefined;
    harness.simulator.clearFaults();
    harness.clock.pass(60_000);
    await harness.deliver(message, { dequeueCount: 2 });
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.simulator.count('write')).toBe(1);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('ends as failed after so many attempts that reached UCWA, each later than the one before', async () => {
    const harness = await openHarness({ maxAttempts: 4 });
    const [a = ''] = harness.addUsers(1);
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    await harness.deliver(teamMessage([[a, 1]]));
    for (let round = 0; round < 10; round++) {
      // Beyond the time for which a pool that failed is left alone.
      harness.clock.pass(600_000);
      await harness.drain(1);
    }
    expect(harness.outcomes('hr')).toEqual(['failed']);
    expect(sentOn(harness).map(({ delayMs }) => delayMs)).toEqual([30_000, 120_000, 600_000]);
    expect(sentOn(harness).map(({ entries: [first] }) => first?.attempts)).toEqual([1, 2, 3]);
    const [entry] = harness.ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({ code: 'ucwa-unavailable', ucwa: { status: 503 } });
    expect(JSON.parse(harness.queues.results[0] ?? '').failed).toMatchObject([
      { entry: 0, outcome: 'failed' },
    ]);
  });

  it('is left to the message that it was sent on in, where the earlier one comes again before that shows', async () => {
    const harness = await openHarness();
    const [a = ''] = harness.addUsers(1);
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    const message = teamMessage([[a, 1]]);
    await harness.deliver(message);
    const asked = harness.simulator.requests.length;
    await harness.deliver(message, { dequeueCount: 2 });
    expect(harness.simulator.requests.length).toBe(asked);
    expect(sentOn(harness)).toHaveLength(1);
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
  });

  it('does not count what never reached UCWA, and gives up when the hours are over', async () => {
    const harness = await openHarness({ maxAttempts: 2, giveUpAfterMs: 10 * 60 * 60_000 });
    const [a = ''] = harness.addUsers(1);
    harness.hooks.before = async (call) => {
      if (call.startsWith('read-secret')) throw new VaultUnavailableError('The vault is away.');
    };
    await harness.deliver(teamMessage([[a, 1]]));
    await harness.drain();
    const sent = sentOn(harness);
    expect(new Set(sent.flatMap(({ entries }) => entries.map(({ attempts }) => attempts)))).toEqual(
      new Set([0]),
    );
    expect(sent.map(({ delayMs }) => delayMs / 60_000)).toEqual([0.5, 2, 10, 30, 120, 120, 120, 120, 120]);
    expect(new Set(sent.map(({ requestedAt }) => requestedAt)).size).toBe(1);
    const [entry] = harness.ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({ outcome: 'failed', code: 'vault-unavailable' });
  });
});

describe('people as whom somebody else is at work', () => {
  const claimOf = async (harness: BatchHarness, user: (typeof harness.added)[number], lastsMs: number) => {
    const untilMs = harness.clock.nowMs() + lastsMs;
    await harness.users.write(user, { claim: { id: 'other', untilMs } }, undefined);
  };

  it('are tried again when the others are done', async () => {
    const harness = await openHarness();
    const [a, b] = harness.addUsers(2);
    if (a === undefined || b === undefined) throw new Error('No user was added.');
    await claimOf(harness, a, 900);
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(harness.queues.bulk).toEqual([]);
  });

  it('are sent on until the claim ends, without an attempt counted', async () => {
    const harness = await openHarness();
    const [a, b] = harness.addUsers(2);
    if (a === undefined || b === undefined) throw new Error('No user was added.');
    await claimOf(harness, a, 61_000);
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(harness.outcomes('hr')).toEqual(['pending', 'applied']);
    const [sent] = sentOn(harness);
    expect(sent).toMatchObject({ hop: 1, deferrals: 0, entries: [{ entry: 0, attempts: 0 }] });
    expect(sent?.delayMs).toBeGreaterThan(50_000);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('are not sent on where a later message took them over meanwhile', async () => {
    const harness = await openHarness();
    const [a] = harness.addUsers(1);
    if (a === undefined) throw new Error('No user was added.');
    await claimOf(harness, a, 61_000);
    const message = teamMessage([[a, 1]]);
    harness.hooks.before = async (call) => {
      if (call !== `read ${a}`) return;
      harness.hooks.before = undefined;
      // What an earlier delivery of this message sent on is at work already.
      await harness.deliver({ ...message, hop: 1, entries: [{ ...message.entries[0], entry: 0 }] });
    };
    await harness.deliver(message, { dequeueCount: 2 });
    expect(sentOn(harness).map(({ hop }) => hop)).toEqual([2]);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('wait for the claim, too, where the time of their message is over meanwhile', async () => {
    const harness = await openHarness({ sliceMs: 500 });
    const [a] = harness.addUsers(1);
    if (a === undefined) throw new Error('No user was added.');
    await claimOf(harness, a, 61_000);
    await harness.deliver(teamMessage([[a, 1]]));
    expect(sentOn(harness)[0]?.delayMs).toBe(60_000);
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied']);
    expect(harness.queues.bulk).toHaveLength(1);
  });
});

it.each([
  ['whoever is busy', 240_000],
  ['whoever there was no time for', 0],
])('the attempts of %s are told to the next message', async (_, sliceMs) => {
  const harness = await openHarness({ sliceMs });
  const [a] = harness.addUsers(1);
  if (a === undefined) throw new Error('No user was added.');
  await harness.users.write(
    a,
    { claim: { id: 'other', untilMs: harness.clock.nowMs() + 61_000 } },
    undefined,
  );
  const message = teamMessage([[a, 1]], { hop: 4 });
  await harness.deliver({ ...message, entries: [{ ...message.entries[0], entry: 0, attempts: 3 }] });
  expect(sentOn(harness)).toMatchObject([{ hop: 5, entries: [{ entry: 0, attempts: 3 }] }]);
});

describe('when the hours to try are over', () => {
  it('ends who is busy with somebody else, and says why', async () => {
    const harness = await openHarness({ giveUpAfterMs: 0 });
    const [a] = harness.addUsers(1);
    if (a === undefined) throw new Error('No user was added.');
    await harness.users.write(
      a,
      { claim: { id: 'other', untilMs: harness.clock.nowMs() + 61_000 } },
      undefined,
    );
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.queues.bulk).toEqual([]);
    expect(JSON.parse(harness.queues.results[0] ?? '').failed).toEqual([
      {
        entry: 0,
        user: a,
        outcome: 'failed',
        code: 'ucwa-unavailable',
        detail: expect.stringContaining('in progress'),
      },
    ]);
  });

  it('ends nobody for whom there was no place: they were never tried', async () => {
    const harness = await openFullHarness({ giveUpAfterMs: 0 });
    const [a = ''] = harness.addUsers(1);
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.outcomes('hr')).toEqual(['pending']);
    expect(sentOn(harness)).toMatchObject([{ delayMs: 1_000, entries: [{ entry: 0, attempts: 0 }] }]);
  });

  it('leaves who is busy with the same request to whoever has the claim', async () => {
    const harness = await openHarness({ giveUpAfterMs: 0 });
    const [a] = harness.addUsers(1);
    if (a === undefined) throw new Error('No user was added.');
    const order = { requestedAtMs: harness.clock.nowMs(), batch: 'hr', part: 0, entry: 0 };
    const claim = { id: 'other', untilMs: harness.clock.nowMs() + 61_000 };
    await harness.users.write(a, { newest: { order, desired: { ring: 'off' } }, claim }, undefined);
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.outcomes('hr')).toEqual(['pending']);
    expect(sentOn(harness)).toMatchObject([{ deferrals: 0, entries: [{ entry: 0, attempts: 0 }] }]);
  });

  it('ends who lost the claim, and says why', async () => {
    const harness = await openHarness({ giveUpAfterMs: 0 });
    const [a] = harness.addUsers(1);
    if (a === undefined) throw new Error('No user was added.');
    let writes = 0;
    harness.hooks.before = async (call) => {
      if (call !== `write ${a}` || ++writes !== 2) return;
      const { etag } = await harness.users.read(a);
      await harness.users.write(a, {}, etag);
    };
    await harness.deliver(teamMessage([[a, 1]]));
    expect(harness.events).toMatchObject([{ event: 'claim-lost', user: a }]);
    const [entry] = harness.ledger.peek({ batch: 'hr', part: 0 });
    const told = { outcome: 'failed', code: 'ucwa-unavailable', detail: expect.stringContaining('ran out') };
    expect(entry?.outcome).toMatchObject(told);
    expect(entry?.outcome).not.toHaveProperty('verified');
  });
});

describe('people for whom there is no place for long', () => {
  it.each([
    ['a change', false],
    ['a dry run', true],
  ])(
    'give back their claims, and %s is sent on after the others without an attempt counted',
    async (_, dryRun) => {
      const harness = await openFullHarness();
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
      expect(sentOn(harness)).toMatchObject([{ delayMs: 1_000, hop: 1, deferrals: 0, entries }]);
      expect(harness.events).toEqual([]);
    },
  );
});

describe('a message whose time is over', () => {
  it('goes on in another, one hop later, and leaves it the entries when it comes again', async () => {
    const harness = await openHarness({ inFlight: new Semaphore(1), sliceMs: 60_000 });
    const users = harness.addUsers(5);
    const message = teamMessage(users.map((user, index) => [user, index]));
    harness.hooks.after = async (call) => {
      if (call === `write ${users[1]}`) harness.clock.pass(31_000);
    };
    await harness.deliver(message);
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'pending', 'pending', 'pending']);
    const entries = [2, 3, 4].map((entry) => ({ entry, attempts: 0 }));
    expect(sentOn(harness)).toMatchObject([{ delayMs: 0, hop: 1, deferrals: 0, entries }]);
    harness.hooks.after = undefined;
    const asked = harness.simulator.requests.length;
    let isTakenOver = false;
    harness.hooks.before = async (call) => {
      if (isTakenOver || !call.startsWith('read sip:')) return;
      isTakenOver = true;
      harness.hooks.before = undefined;
      await harness.deliver(message, { dequeueCount: 2 });
      expect(harness.simulator.requests.length).toBe(asked);
      expect(harness.queues.bulk).toHaveLength(1);
    };
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(Array(5).fill('applied'));
    expect(harness.ledger.peek({ batch: 'hr', part: 0 }).map(({ generation }) => generation)).toEqual([
      0, 0, 1, 1, 1,
    ]);
    expect(harness.simulator.count('write')).toBe(5);
    expect(harness.queues.results).toHaveLength(1);
  });

  it('sends on what nobody took over, though others of its entries were', async () => {
    const harness = await openHarness();
    const [a, b, c] = harness.addUsers(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('No user was added.');
    const message = teamMessage([
      [a, 1],
      [b, 2],
      [c, 3],
    ]);
    harness.simulator.fail({ user: a, step: 'read', ...always503 });
    const until = { claim: { id: 'other', untilMs: harness.clock.nowMs() + 300_000 } };
    await harness.users.write(c, until, undefined);
    // The outcome of b is due at once.
    harness.hooks.after = async (call) => {
      if (call === `write ${b}`) harness.clock.pass(2_000);
    };
    harness.hooks.before = async (call) => {
      if (call.startsWith('write-entries')) {
        harness.hooks.before = undefined;
        // What an earlier delivery of this message sent on is at work already.
        await harness.deliver({ ...message, hop: 1, entries: [{ ...message.entries[1], entry: 1 }] });
      }
    };
    await harness.deliver(message, { dequeueCount: 2 });
    harness.simulator.clearFaults();
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect([a, b, c].map((user) => harness.ringOf(user))).toEqual([1, 2, 3]);
  });

  it('is split where what is left does not fit into one message of ours', async () => {
    const harness = await openHarness({ sliceMs: 0 });
    const users = Array.from({ length: 400 }, (_, index) => `user-${index}@contoso.com`);
    const entries = users.map((user) => ({ user, ring: 'off', ref: `${user} `.repeat(6) }));
    await harness.deliver({ ...teamMessage([]), entries });
    const sizes = harness.queues.bulk.map(({ text }) => Buffer.from(text).toString('base64').length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
    const numbers = sentOn(harness).flatMap((sent) => sent.entries.map(({ entry }) => entry));
    expect(numbers).toEqual(users.map((_user, index) => index));
  });
});
