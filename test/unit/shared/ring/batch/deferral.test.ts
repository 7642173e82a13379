import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { BulkParts } from '../../../../../shared/ring/batch/process-message.ts';
import { VaultUnavailableError } from '../../../../../shared/ring/ports/credential-store.ts';
import { Semaphore, type Slots } from '../../../../../shared/runtime/semaphore.ts';
import { type BulkDesk, openDesk } from '../../../../support/ring/bulk-desk.ts';
import { teamMessage } from '../../../../support/ring/bulk-parts.ts';

const sentForm = z.object({
  hop: z.number(),
  deferrals: z.number(),
  requestedAt: z.string(),
  entries: z.array(z.object({ entry: z.number(), attempts: z.number() })),
});

/** What was sent on, in order: how late it shows, and what it carries. */
function sentOn({ queues }: BulkDesk) {
  return queues.bulk.map(({ text, delayMs }) => ({ delayMs, ...sentForm.parse(JSON.parse(text)) }));
}

/** Places that are all taken, and nobody leaves: who waits gives up after the five seconds. */
async function openFullDesk(more: Partial<BulkParts> = {}): Promise<BulkDesk> {
  const taken = new Semaphore(1);
  await taken.acquire();
  const slots: Slots = {
    isFull: true,
    acquire: (signal) => {
      const entering = taken.acquire(signal);
      desk.clock.endTimeouts(5_000);
      return entering;
    },
  };
  const desk: BulkDesk = await openDesk({ ...more, slots });
  return desk;
}

const always503 = { times: Number.POSITIVE_INFINITY, answer: { status: 503 } } as const;

describe('what could not be done now', () => {
  it('is sent on, alone and delayed, and the others are done', async () => {
    const desk = await openDesk();
    const [a = '', b = '', c = ''] = desk.hire(3);
    desk.simulator.fail({ user: b, step: 'read-settings', ...always503 });
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
        [c, 3],
      ]),
    );
    expect(desk.outcomes('hr')).toEqual(['applied', 'deferred', 'applied']);
    const requestedAt = expect.any(String);
    const entries = [{ entry: 1, attempts: 1 }];
    expect(sentOn(desk)).toEqual([{ delayMs: 30_000, hop: 1, deferrals: 1, requestedAt, entries }]);
    expect(desk.queues.results).toEqual([]);
    desk.simulator.clearFaults();
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect(desk.queues.results.map((text) => JSON.parse(text).counts)).toEqual([{ applied: 3 }]);
  });

  it('is sent before the ledger says so: a crash between the two loses nothing', async () => {
    const desk = await openDesk();
    const [a = ''] = desk.hire(1);
    desk.simulator.fail({ step: 'read-settings', ...always503 });
    desk.hooks.after = async (call) => {
      if (call === 'send bulk') throw new Error('killed');
    };
    const message = teamMessage([[a, 1]]);
    await expect(desk.deliver(message)).rejects.toThrow('killed');
    expect(desk.outcomes('hr')).toEqual(['pending']);
    expect(sentOn(desk)).toHaveLength(1);
    desk.hooks.after = undefined;
    desk.simulator.clearFaults();
    desk.clock.pass(60_000);
    await desk.deliver(message, { dequeueCount: 2 });
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied']);
    expect(desk.simulator.count('set-ring')).toBe(1);
    expect(desk.queues.results).toHaveLength(1);
  });

  it('ends as failed after so many attempts that reached UCWA, each later than the one before', async () => {
    const desk = await openDesk({ maxAttempts: 4 });
    const [a = ''] = desk.hire(1);
    desk.simulator.fail({ user: a, step: 'read-settings', ...always503 });
    await desk.deliver(teamMessage([[a, 1]]));
    for (let round = 0; round < 10; round++) {
      // Beyond the time for which a pool that failed is left alone.
      desk.clock.pass(600_000);
      await desk.drain(1);
    }
    expect(desk.outcomes('hr')).toEqual(['failed']);
    expect(sentOn(desk).map(({ delayMs }) => delayMs)).toEqual([30_000, 120_000, 600_000]);
    expect(sentOn(desk).map(({ entries: [first] }) => first?.attempts)).toEqual([1, 2, 3]);
    const [entry] = desk.ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({ code: 'ucwa-unavailable', ucwa: { status: 503 } });
    expect(JSON.parse(desk.queues.results[0] ?? '').failed).toMatchObject([{ entry: 0, outcome: 'failed' }]);
  });

  it('is left to the message that it was sent on in, where the earlier one comes again before that shows', async () => {
    const desk = await openDesk();
    const [a = ''] = desk.hire(1);
    desk.simulator.fail({ user: a, step: 'read-settings', ...always503 });
    const message = teamMessage([[a, 1]]);
    await desk.deliver(message);
    const asked = desk.simulator.requests.length;
    await desk.deliver(message, { dequeueCount: 2 });
    expect(desk.simulator.requests.length).toBe(asked);
    expect(sentOn(desk)).toHaveLength(1);
    desk.simulator.clearFaults();
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied']);
  });

  it('does not count what never reached UCWA, and gives up when the hours are over', async () => {
    const desk = await openDesk({ maxAttempts: 2, giveUpAfterMs: 10 * 60 * 60_000 });
    const [a = ''] = desk.hire(1);
    desk.hooks.before = async (call) => {
      if (call.startsWith('read-secret')) throw new VaultUnavailableError('The vault is away.');
    };
    await desk.deliver(teamMessage([[a, 1]]));
    await desk.drain();
    const sent = sentOn(desk);
    expect(new Set(sent.flatMap(({ entries }) => entries.map(({ attempts }) => attempts)))).toEqual(
      new Set([0]),
    );
    expect(sent.map(({ delayMs }) => delayMs / 60_000)).toEqual([0.5, 2, 10, 30, 120, 120, 120, 120, 120]);
    expect(new Set(sent.map(({ requestedAt }) => requestedAt)).size).toBe(1);
    const [entry] = desk.ledger.peek({ batch: 'hr', part: 0 });
    expect(entry?.outcome).toMatchObject({ outcome: 'failed', code: 'vault-unavailable' });
  });
});

describe('people as whom somebody else is at work', () => {
  const claimOf = async (desk: BulkDesk, user: (typeof desk.hired)[number], lastsMs: number) => {
    const untilMs = desk.clock.nowMs() + lastsMs;
    await desk.users.write(user, { claim: { id: 'other', untilMs } }, undefined);
  };

  it('are tried again when the others are done', async () => {
    const desk = await openDesk();
    const [a, b] = desk.hire(2);
    if (a === undefined || b === undefined) throw new Error('Nobody was hired.');
    await claimOf(desk, a, 900);
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(desk.queues.bulk).toEqual([]);
  });

  it('are sent on until the claim ends, without an attempt counted', async () => {
    const desk = await openDesk();
    const [a, b] = desk.hire(2);
    if (a === undefined || b === undefined) throw new Error('Nobody was hired.');
    await claimOf(desk, a, 61_000);
    await desk.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    expect(desk.outcomes('hr')).toEqual(['pending', 'applied']);
    const [sent] = sentOn(desk);
    expect(sent).toMatchObject({ hop: 1, deferrals: 0, entries: [{ entry: 0, attempts: 0 }] });
    expect(sent?.delayMs).toBeGreaterThan(50_000);
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied']);
    expect(desk.queues.results).toHaveLength(1);
  });

  it('are not sent on where a later message took them over meanwhile', async () => {
    const desk = await openDesk();
    const [a] = desk.hire(1);
    if (a === undefined) throw new Error('Nobody was hired.');
    await claimOf(desk, a, 61_000);
    const message = teamMessage([[a, 1]]);
    desk.hooks.before = async (call) => {
      if (call !== `read ${a}`) return;
      desk.hooks.before = undefined;
      // What an earlier delivery of this message sent on is at work already.
      await desk.deliver({ ...message, hop: 1, entries: [{ ...message.entries[0], entry: 0 }] });
    };
    await desk.deliver(message, { dequeueCount: 2 });
    expect(sentOn(desk).map(({ hop }) => hop)).toEqual([2]);
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied']);
    expect(desk.queues.results).toHaveLength(1);
  });

  it('wait for the claim, too, where the time of their message is over meanwhile', async () => {
    const desk = await openDesk({ sliceMs: 500 });
    const [a] = desk.hire(1);
    if (a === undefined) throw new Error('Nobody was hired.');
    await claimOf(desk, a, 61_000);
    await desk.deliver(teamMessage([[a, 1]]));
    expect(sentOn(desk)[0]?.delayMs).toBe(60_000);
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied']);
    expect(desk.queues.bulk).toHaveLength(1);
  });
});

it.each([
  ['whoever is busy', 240_000],
  ['whoever there was no time for', 0],
])('the attempts of %s are told to the next message', async (_, sliceMs) => {
  const desk = await openDesk({ sliceMs });
  const [a] = desk.hire(1);
  if (a === undefined) throw new Error('Nobody was hired.');
  await desk.users.write(a, { claim: { id: 'other', untilMs: desk.clock.nowMs() + 61_000 } }, undefined);
  const message = teamMessage([[a, 1]], { hop: 4 });
  await desk.deliver({ ...message, entries: [{ ...message.entries[0], entry: 0, attempts: 3 }] });
  expect(sentOn(desk)).toMatchObject([{ hop: 5, entries: [{ entry: 0, attempts: 3 }] }]);
});

describe('when the hours to try are over', () => {
  it('ends who is busy with somebody else, and says why', async () => {
    const desk = await openDesk({ giveUpAfterMs: 0 });
    const [a] = desk.hire(1);
    if (a === undefined) throw new Error('Nobody was hired.');
    await desk.users.write(a, { claim: { id: 'other', untilMs: desk.clock.nowMs() + 61_000 } }, undefined);
    await desk.deliver(teamMessage([[a, 1]]));
    expect(desk.queues.bulk).toEqual([]);
    expect(JSON.parse(desk.queues.results[0] ?? '').failed).toEqual([
      {
        entry: 0,
        user: a,
        outcome: 'failed',
        code: 'ucwa-unavailable',
        detail: expect.stringContaining('at work'),
      },
    ]);
  });

  it('ends nobody for whom there was no place: they were never tried', async () => {
    const desk = await openFullDesk({ giveUpAfterMs: 0 });
    const [a = ''] = desk.hire(1);
    await desk.deliver(teamMessage([[a, 1]]));
    expect(desk.outcomes('hr')).toEqual(['pending']);
    expect(sentOn(desk)).toMatchObject([{ delayMs: 1_000, entries: [{ entry: 0, attempts: 0 }] }]);
  });

  it('leaves who is busy with the same request to whoever has the claim', async () => {
    const desk = await openDesk({ giveUpAfterMs: 0 });
    const [a] = desk.hire(1);
    if (a === undefined) throw new Error('Nobody was hired.');
    const order = { requestedAtMs: desk.clock.nowMs(), batch: 'hr', part: 0, entry: 0 };
    const claim = { id: 'other', untilMs: desk.clock.nowMs() + 61_000 };
    await desk.users.write(a, { newest: { order, desired: { ring: 'off' } }, claim }, undefined);
    await desk.deliver(teamMessage([[a, 1]]));
    expect(desk.outcomes('hr')).toEqual(['pending']);
    expect(sentOn(desk)).toMatchObject([{ deferrals: 0, entries: [{ entry: 0, attempts: 0 }] }]);
  });

  it('ends who lost the claim, and says why', async () => {
    const desk = await openDesk({ giveUpAfterMs: 0 });
    const [a] = desk.hire(1);
    if (a === undefined) throw new Error('Nobody was hired.');
    let writes = 0;
    desk.hooks.before = async (call) => {
      if (call !== `write ${a}` || ++writes !== 2) return;
      const { etag } = await desk.users.read(a);
      await desk.users.write(a, {}, etag);
    };
    await desk.deliver(teamMessage([[a, 1]]));
    expect(desk.events).toMatchObject([{ event: 'claim-lost', user: a }]);
    const [entry] = desk.ledger.peek({ batch: 'hr', part: 0 });
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
      const desk = await openFullDesk();
      const users = desk.hire(2);
      await desk.deliver(
        teamMessage(
          users.map((user, index) => [user, index]),
          { dryRun },
        ),
      );
      expect(desk.simulator.requests).toEqual([]);
      for (const user of users) expect(desk.users.peek(user).claim).toBeUndefined();
      const entries = [0, 1].map((entry) => ({ entry, attempts: 0 }));
      expect(sentOn(desk)).toMatchObject([{ delayMs: 1_000, hop: 1, deferrals: 0, entries }]);
      expect(desk.events).toEqual([]);
    },
  );
});

describe('a message whose time is over', () => {
  it('goes on in another, one hop later, and leaves it the entries when it comes again', async () => {
    const desk = await openDesk({ inFlight: new Semaphore(1), sliceMs: 60_000 });
    const users = desk.hire(5);
    const message = teamMessage(users.map((user, index) => [user, index]));
    desk.hooks.after = async (call) => {
      if (call === `write ${users[1]}`) desk.clock.pass(31_000);
    };
    await desk.deliver(message);
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'pending', 'pending', 'pending']);
    const entries = [2, 3, 4].map((entry) => ({ entry, attempts: 0 }));
    expect(sentOn(desk)).toMatchObject([{ delayMs: 0, hop: 1, deferrals: 0, entries }]);
    desk.hooks.after = undefined;
    const asked = desk.simulator.requests.length;
    let isTakenOver = false;
    desk.hooks.before = async (call) => {
      if (isTakenOver || !call.startsWith('read sip:')) return;
      isTakenOver = true;
      desk.hooks.before = undefined;
      await desk.deliver(message, { dequeueCount: 2 });
      expect(desk.simulator.requests.length).toBe(asked);
      expect(desk.queues.bulk).toHaveLength(1);
    };
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(Array(5).fill('applied'));
    expect(desk.ledger.peek({ batch: 'hr', part: 0 }).map(({ generation }) => generation)).toEqual([
      0, 0, 1, 1, 1,
    ]);
    expect(desk.simulator.count('set-ring')).toBe(5);
    expect(desk.queues.results).toHaveLength(1);
  });

  it('sends on what nobody took over, though others of its entries were', async () => {
    const desk = await openDesk();
    const [a, b, c] = desk.hire(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error('Nobody was hired.');
    const message = teamMessage([
      [a, 1],
      [b, 2],
      [c, 3],
    ]);
    desk.simulator.fail({ user: a, step: 'read-settings', ...always503 });
    const until = { claim: { id: 'other', untilMs: desk.clock.nowMs() + 300_000 } };
    await desk.users.write(c, until, undefined);
    // The outcome of b is due at once.
    desk.hooks.after = async (call) => {
      if (call === `write ${b}`) desk.clock.pass(2_000);
    };
    desk.hooks.before = async (call) => {
      if (call.startsWith('write-entries')) {
        desk.hooks.before = undefined;
        // What an earlier delivery of this message sent on is at work already.
        await desk.deliver({ ...message, hop: 1, entries: [{ ...message.entries[1], entry: 1 }] });
      }
    };
    await desk.deliver(message, { dequeueCount: 2 });
    desk.simulator.clearFaults();
    await desk.drain();
    expect(desk.outcomes('hr')).toEqual(['applied', 'applied', 'applied']);
    expect([a, b, c].map((user) => desk.ringOf(user))).toEqual([1, 2, 3]);
  });

  it('is split where what is left does not fit into one message of ours', async () => {
    const desk = await openDesk({ sliceMs: 0 });
    const users = Array.from({ length: 400 }, (_, index) => `user-${index}@contoso.com`);
    const entries = users.map((user) => ({ user, ring: 'off', ref: `${user} `.repeat(6) }));
    await desk.deliver({ ...teamMessage([]), entries });
    const sizes = desk.queues.bulk.map(({ text }) => Buffer.from(text).toString('base64').length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 * 1024);
    const numbers = sentOn(desk).flatMap((sent) => sent.entries.map(({ entry }) => entry));
    expect(numbers).toEqual(users.map((_user, index) => index));
  });
});
