import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { untilBatch } from '../../../../../../shared/ring/batch/own-batch.ts';
import { readBatch } from '../../../../../../shared/ring/batch/status.ts';
import { submit } from '../../../../../../shared/ring/batch/submit.ts';
import { sendUntils } from '../../../../../../shared/ring/batch/undo/send-untils.ts';
import { undoBatch } from '../../../../../../shared/ring/batch/undo/undo-batch.ts';
import { listUsers } from '../../../../../../shared/ring/user/list-users.ts';
import type { SipUri } from '../../../../../../shared/ucwa/uri.ts';
import { sip } from '../../../../../support/ring/addresses.ts';
import { type BatchHarness, openHarness } from '../../../../../support/ring/batch-harness.ts';
import { invocation } from '../../../../../support/ring/ring-deps.ts';
import { ScheduledQueue } from '../../../../../support/ring/scheduled-queue.ts';

let harness: BatchHarness;
let queue: ScheduledQueue;
let user: SipUri;

beforeEach(async () => {
  harness = await openHarness();
  queue = new ScheduledQueue(harness);
  user = harness.addUser();
});

const day = (date: number, time = '00:00') => `2026-12-${String(date).padStart(2, '0')}T${time}:00Z`;

function send(batch: string, ...entries: readonly object[]): Promise<void> {
  return harness.deliver({
    schema: 'simring/bulk/1',
    batch,
    entries: entries.map((entry) => ({ user, ring: 'team', ...entry })),
  });
}

async function shown(batch: string) {
  const found = await readBatch(harness.ledger, batch, { limit: 100 });
  if (found === undefined) throw new Error(`There is no batch ${batch}.`);
  return found;
}

const outcomesOf = async (batch: string) =>
  (await shown(batch)).outcomes.map((entry) => ('outcome' in entry ? entry.outcome : 'pending'));

async function undo(batch: string, dryRun = false) {
  const undone = await undoBatch(harness.deps, invocation(), batch, { dryRun });
  if (!undone.ok) throw new Error(undone.error);
  await queue.passTo(harness.clock.nowMs() + 5_000);
  return undone.value.batch;
}

describe('a setting that an identified caller requested', () => {
  it('is put back in their name', async () => {
    harness = await openHarness({ newId: randomUUID });
    queue = new ScheduledQueue(harness);
    user = harness.addUser();
    const requestedAtMs = harness.clock.nowMs();
    const entries = [{ user, ring: 'team', ringDelaySeconds: 5, until: day(20) }];
    const submitting = { batch: 'hr', requestedAtMs, dryRun: false, entries, delayMs: 0 };
    expect(await submit(harness.deps, invocation({ by: 'the-app' }), submitting)).toMatchObject({ ok: true });
    await queue.passTo(day(5));
    expect(await shown('hr')).toMatchObject({ by: 'the-app', counts: { applied: 1 } });
    await queue.passTo(day(21));
    expect(await shown(untilBatch('hr'))).toMatchObject({ by: 'the-app', counts: { applied: 1 } });
    const [listed] = (await listUsers(harness.users, { limit: 1 })).users;
    expect(listed).toMatchObject({ ring: 'off', by: 'the-app', batch: untilBatch('hr') });
  });
});

describe('an entry with a future `from`', () => {
  it('is scheduled, and applied when it is due', async () => {
    await send('hr', { ringDelaySeconds: 5, from: day(20, '08:00') });
    expect(await shown('hr')).toMatchObject({
      finished: false,
      counts: { scheduled: 1 },
      nextTryAt: '2026-12-20T08:00:00.000Z',
      outcomes: [{ outcome: 'scheduled', from: '2026-12-20T08:00:00.000Z', ring: 'team' }],
    });
    await queue.passTo(day(20, '07:59'));
    expect(harness.ringOf(user)).toBe('None');
    await queue.passTo(day(20, '08:00'));
    expect(harness.ringOf(user)).toBe(5);
    expect(await shown('hr')).toMatchObject({ finished: true, counts: { applied: 1 } });
  });

  it('applies when it is due although something else was set since', async () => {
    await send('hr', { ringDelaySeconds: 5, from: day(10) });
    await queue.passTo(day(5));
    await send('now', { ringDelaySeconds: 9 });
    expect(harness.ringOf(user)).toBe(9);
    await queue.passTo(day(10));
    expect(harness.ringOf(user)).toBe(5);
  });

  it('is cancelled with its batch, which has then finished at once', async () => {
    await send('hr', { ringDelaySeconds: 5, from: day(20) });
    await harness.ledger.cancelBatch('hr');
    expect(await shown('hr')).toMatchObject({ finished: true, counts: { cancelled: 1 } });
    expect(await outcomesOf('hr')).toEqual(['cancelled']);
    await queue.passTo(day(21));
    expect(harness.outcomes('hr')).toEqual(['cancelled']);
    expect(harness.ringOf(user)).toBe('None');
    expect(queue.length).toBe(0);
  });

  it('has a summary while it waits, and another at the end', async () => {
    await send('hr', { ringDelaySeconds: 5, from: day(20) });
    await queue.passTo(day(21));
    const summaries = harness.queues.results.map((text) => JSON.parse(text));
    expect(summaries.map(({ id, counts }) => [id, counts])).toEqual([
      ['hr/0', { scheduled: 1 }],
      ['hr/0/final', { applied: 1 }],
    ]);
  });
});

describe('an entry with `until`', () => {
  it('goes back to what was set before', async () => {
    await send('first', { ringDelaySeconds: 3 });
    await send('hr', { ringDelaySeconds: 5, until: day(20) });
    expect(harness.ringOf(user)).toBe(5);
    const undoing = untilBatch('hr');
    expect(await shown('hr')).toMatchObject({ finished: true, undoneBy: undoing });
    expect(await shown(undoing)).toMatchObject({ finished: false, undoes: 'hr', counts: { scheduled: 1 } });
    await queue.passTo(day(20));
    expect(harness.ringOf(user)).toBe(3);
    expect(await shown(undoing)).toMatchObject({ finished: true, counts: { applied: 1 } });
    expect((await shown(undoing)).outcomes).toMatchObject([
      { ring: 'team', ringDelaySeconds: 3, verified: true, previous: { ring: 'team', ringDelaySeconds: 5 } },
    ]);
  });

  it('goes back after a chain to what was set before the first', async () => {
    await send('a', { ringDelaySeconds: 5, until: day(5) });
    await send('b', { ringDelaySeconds: 9, until: day(9) });
    await queue.passTo(day(6));
    expect(harness.ringOf(user)).toBe(9);
    expect(await outcomesOf(untilBatch('a'))).toEqual(['superseded']);
    await queue.passTo(day(10));
    expect(harness.ringOf(user)).toBe('None');
  });

  it('is extended by the same setting with a later `until`', async () => {
    await send('a', { ringDelaySeconds: 5, until: day(5) });
    await send('b', { ringDelaySeconds: 5, until: day(9) });
    expect(await outcomesOf('b')).toEqual(['unchanged']);
    await queue.passTo(day(6));
    expect(harness.ringOf(user)).toBe(5);
    await queue.passTo(day(10));
    expect(harness.ringOf(user)).toBe('None');
  });

  it('stays for good after a request without `until`', async () => {
    await send('a', { ringDelaySeconds: 5, until: day(5) });
    await send('b', { ringDelaySeconds: 7 });
    await queue.passTo(day(6));
    expect(harness.ringOf(user)).toBe(7);
    expect(await outcomesOf(untilBatch('a'))).toEqual(['superseded']);
  });

  it('stays for good where its undo is cancelled', async () => {
    await send('a', { ringDelaySeconds: 5, until: day(5) });
    await harness.ledger.cancelBatch(untilBatch('a'));
    await queue.passTo(day(6));
    expect(harness.ringOf(user)).toBe(5);
    expect(await outcomesOf(untilBatch('a'))).toEqual(['cancelled']);
    expect(harness.users.peek(user).standing).not.toHaveProperty('until');
  });

  it('leaves alone what the user has set since in another client', async () => {
    await send('a', { ringDelaySeconds: 5, until: day(5) });
    harness.simulator.setState(user, { simultaneousRing: { target: 'Team', ringDelay: 40 } });
    await queue.passTo(day(6));
    expect(harness.ringOf(user)).toBe(40);
    expect((await shown(untilBatch('a'))).outcomes).toMatchObject([
      { outcome: 'superseded', detail: expect.stringContaining('in their own client') },
    ]);
  });

  it('is cancelled where its end passes before it could be applied', async () => {
    await harness.claimElsewhere(user, 4 * 86_400_000);
    await harness.deliver({
      schema: 'simring/bulk/1',
      batch: 'a',
      requestedAt: '2026-11-23T09:00:00Z',
      entries: [{ user, ring: 'team', until: '2026-11-25T00:00:00Z' }],
    });
    await queue.passTo('2026-11-28T00:00:00Z');
    expect(harness.ringOf(user)).toBe('None');
    expect((await shown('a')).outcomes).toMatchObject([
      { outcome: 'cancelled', detail: expect.stringContaining('`until` passed') },
    ]);
    expect(await outcomesOf(untilBatch('a'))).toEqual(['unchanged']);
  });
});

describe('the undos of a batch of 10,000 with one `until`', () => {
  it('are as many messages as the batch has', async () => {
    const entries = Array.from({ length: 400 }, (_, entry) => ({
      entry,
      user: sip(`user-${entry}@contoso.com`),
      schedule: { until: day(20) },
    }));
    const send = (part: number) =>
      sendUntils(
        harness.deps,
        invocation(),
        { message: { batch: 'big', part }, requestedAtMs: harness.clock.nowMs(), hasSummary: true },
        entries,
      );
    for (let part = 0; part < 25; part++) await send(part);
    expect(harness.queues.bulk).toHaveLength(25);
    for (let part = 0; part < 25; part++) await send(part);
    expect(harness.queues.bulk).toHaveLength(25);
    expect(await shown(untilBatch('big'))).toMatchObject({ entries: 10_000, counts: { scheduled: 10_000 } });
  });
});

describe('the undo of a batch', () => {
  it('puts back what was set before, once', async () => {
    await send('first', { ringDelaySeconds: 3 });
    await send('hr', { ringDelaySeconds: 5 });
    const name = await undo('hr');
    expect(name).toMatch(/^undo-[a-z2-7]{26}$/);
    expect(harness.ringOf(user)).toBe(3);
    expect(await shown(name)).toMatchObject({ finished: true, undoes: 'hr', counts: { applied: 1 } });
    expect(await shown('hr')).toMatchObject({ undoneBy: name });
    expect(await undo('hr')).toBe(name);
    expect(await shown(name)).toMatchObject({ counts: { applied: 1 } });
  });

  it('changes nothing in a dry run, and tells what it would do', async () => {
    await send('hr', { ringDelaySeconds: 5 });
    const name = await undo('hr', true);
    expect(name).toMatch(/^undo-id-/);
    expect((await shown(name)).outcomes).toMatchObject([{ outcome: 'unchanged', would: 'apply' }]);
    expect(harness.ringOf(user)).toBe(5);
  });

  it('is refused for a batch that runs, is unknown, is an undo or applied nothing', async () => {
    await send('hr', { ringDelaySeconds: 5 });
    const name = await undo('hr');
    await send('later', { ringDelaySeconds: 5, from: day(20) });
    const refusals = ['none', 'later', name].map((batch) =>
      undoBatch(harness.deps, invocation(), batch, { dryRun: false }),
    );
    expect((await Promise.all(refusals)).map((one) => (one.ok ? 'accepted' : one.error))).toEqual([
      'not-found',
      'not-finished',
      'is-undo',
    ]);
  });

  it('does not lose a newer request that comes late', async () => {
    await send('hr', { ringDelaySeconds: 5 });
    const requestedAt = new Date(harness.clock.nowMs() + 1_000).toISOString();
    harness.clock.pass(60_000);
    await undo('hr');
    expect(harness.ringOf(user)).toBe('None');
    const late = { schema: 'simring/bulk/1', batch: 'late', requestedAt };
    await harness.deliver({ ...late, entries: [{ user, ring: 'team', ringDelaySeconds: 9 }] });
    expect(harness.ringOf(user)).toBe(9);
  });
});
