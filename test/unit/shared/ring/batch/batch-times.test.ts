import { describe, expect, it } from 'vitest';
import { listBatches, readBatch } from '../../../../../shared/ring/batch/status.ts';
import { changeForCaller } from '../../../../../shared/ring/serve-caller.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { always503 } from '../../../../support/ring/requeued.ts';
import { invocation, teamMessage } from '../../../../support/ring/ring-deps.ts';

const minuteMs = 60_000;

function statusOf(harness: BatchHarness, batch = 'hr') {
  return readBatch(harness.ledger, batch, { limit: 100 });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

describe('what a batch shows of its sender and of time', () => {
  it('is its source, when it was requested, and when its last part finished', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    const more = { parts: 2, source: 'workday', requestedAt: '2026-11-23T08:00:00Z' };
    await harness.deliver(teamMessage([[a, 1]], { ...more, part: 0 }));
    const half = await statusOf(harness);
    expect(half).toMatchObject({ source: 'workday', requestedAt: '2026-11-23T08:00:00.000Z' });
    expect(half).not.toHaveProperty('finishedAt');
    harness.clock.pass(minuteMs);
    const beganMs = harness.clock.nowMs();
    await harness.deliver(teamMessage([[b, 2]], { ...more, part: 1, requestedAt: '2026-11-23T07:59:00Z' }));
    const whole = await statusOf(harness);
    expect(whole).toMatchObject({ requestedAt: '2026-11-23T07:59:00.000Z', finished: true });
    expect(Date.parse(whole?.finishedAt ?? '')).toBeGreaterThanOrEqual(beganMs);
    const { outcomes: _outcomes, rejectedMessages: _rejected, ...summary } = whole ?? {};
    expect(await listBatches(harness.ledger, { limit: 5 })).toEqual({ batches: [summary] });
  });

  it('is no time of finishing where 0.1 finished a part', async () => {
    const harness = await openHarness();
    await harness.deliver(teamMessage([[harness.addUser(), 1]], { part: 1, parts: 2 }));
    const by01 = { part: 0, entries: 1, digest: 'd', requestedAtMs: 1, enteredAtMs: 1, finished: true };
    await harness.ledger.writePart('hr', { ...by01, counts: { applied: 1 } }, undefined);
    const status = await statusOf(harness);
    expect(status).toMatchObject({ finished: true, requestedAt: iso(1) });
    expect(status).not.toHaveProperty('finishedAt');
    expect(status).not.toHaveProperty('source');
  });

  it('is when each entry was requested and has ended; a pending one shows neither', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    const startMs = harness.clock.nowMs();
    const entries = [
      { user: a, ring: 'team', ringDelaySeconds: 1 },
      { user: b, ring: 'contact' },
      { user: a, ring: 'off' },
    ];
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'hr', entries });
    const outcomes = (await statusOf(harness))?.outcomes ?? [];
    expect(outcomes).toMatchObject([{ outcome: 'superseded' }, { outcome: 'rejected' }, {}]);
    for (const one of outcomes) {
      expect(one).toMatchObject({ requestedAt: iso(startMs), endedAt: expect.any(String) });
      const endedAt = 'endedAt' in one ? one.endedAt : undefined;
      expect(Date.parse(endedAt ?? '')).toBeGreaterThanOrEqual(startMs);
    }
    const unread = { entry: 7, user: b, generation: 0, digest: 'd' };
    await harness.ledger.insertEntries({ batch: 'hr', part: 0 }, [unread]);
    const pending = (await statusOf(harness))?.outcomes.at(-1);
    expect(pending).toEqual({ part: 0, entry: 7, user: b });
  });
});

describe('the next try of a batch', () => {
  it('is when its first deferred message becomes visible, and gone when nothing is deferred', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    harness.simulator.fail({ user: b, step: 'read', ...always503 });
    await harness.deliver(
      teamMessage([
        [a, 1],
        [b, 2],
      ]),
    );
    const deferredMs = harness.clock.nowMs();
    const status = await statusOf(harness);
    const nextTryAt = iso(deferredMs + 30_000);
    expect(status).toMatchObject({ nextTryAt, outcomes: [{ outcome: 'applied' }, { nextTryAt }] });
    expect(status?.outcomes[0]).not.toHaveProperty('nextTryAt');
    expect(status?.outcomes[1]).not.toHaveProperty('endedAt');
    harness.simulator.clearFaults();
    await harness.drain();
    const ended = await statusOf(harness);
    expect(ended).toMatchObject({ finished: true, counts: { applied: 2 } });
    expect(ended).not.toHaveProperty('nextTryAt');
    expect(ended?.outcomes[1]).not.toHaveProperty('nextTryAt');
  });

  it('is the earliest of its parts, and moves on with each try', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'read', ...always503 });
    await harness.deliver(teamMessage([[harness.addUser(), 1]], { part: 0, parts: 2 }));
    harness.clock.pass(10 * minuteMs);
    const secondMs = harness.clock.nowMs();
    await harness.deliver(teamMessage([[harness.addUser(), 2]], { part: 1, parts: 2 }));
    expect(Date.parse((await statusOf(harness))?.nextTryAt ?? '')).toBeLessThan(secondMs);
    await harness.drain(1);
    const due = Date.parse((await statusOf(harness))?.nextTryAt ?? '');
    expect(due).toBeGreaterThan(secondMs);
    const parts = await harness.ledger.readParts('hr');
    expect(due).toBe(Math.min(...parts.map(({ nextTryAtMs = 0 }) => nextTryAtMs)));
  });

  it('takes no operation of storage of its own', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'read', ...always503 });
    const calls: string[] = [];
    harness.hooks.before = async (call) => void calls.push(call);
    await harness.deliver(teamMessage([[harness.addUser(), 1]]));
    expect(calls.filter((call) => /-part |-entries /.test(call))).toEqual([
      'write-part hr|0',
      'insert-entries hr|0',
      'read-entries hr|0',
      'read-entries hr|0',
      'write-entries hr|0',
      'write-part hr|0',
      'read-part hr|0',
      'read-entries hr|0',
      'write-part hr|0',
    ]);
  });
});

describe('the change of a caller', () => {
  async function change(harness: BatchHarness, source?: string) {
    const user = harness.addUser();
    const call = invocation({ priority: 'caller' });
    const request = { user, desired: { ring: 'team' }, dryRun: false, source } as const;
    return await changeForCaller(harness.deps, call, request);
  }

  it('shows what the caller told, when it was requested and when it ended', async () => {
    const harness = await openHarness();
    const startMs = harness.clock.nowMs();
    const told = await change(harness, 'workday');
    expect(told.outcome).toMatchObject({ source: 'workday', requestedAt: iso(startMs) });
    expect(told.outcome).toHaveProperty('endedAt', iso(harness.clock.nowMs()));
    expect((await change(harness)).outcome).not.toHaveProperty('source');
  });

  it.each([
    ['workday', 'workday'],
    [undefined, 'http'],
  ])('that is deferred is a batch with its source, %s, and has no summary', async (source, shown) => {
    const harness = await openHarness();
    harness.simulator.fail({ step: 'read', ...always503 });
    const startMs = harness.clock.nowMs();
    const served = await change(harness, source);
    if (served.kind !== 'queued') throw new Error(`The change is ${served.kind}.`);
    const { nextTryAt } = served.outcome;
    expect(served.outcome).toMatchObject({ requestedAt: iso(startMs), nextTryAt: expect.any(String) });
    const waiting = await statusOf(harness, served.batch);
    expect(waiting).toMatchObject({ source: shown, requestedAt: iso(startMs), nextTryAt });
    expect(harness.ledger.peek({ batch: served.batch, part: 0 })[0]?.outcome).not.toHaveProperty('source');
    harness.simulator.clearFaults();
    await harness.drain();
    const ended = await statusOf(harness, served.batch);
    expect(ended).toMatchObject({ source: shown, finished: true, finishedAt: expect.any(String) });
    expect(ended).not.toHaveProperty('nextTryAt');
    expect(harness.queues.results).toEqual([]);
  });
});
