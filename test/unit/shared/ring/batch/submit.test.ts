import { describe, expect, it } from 'vitest';
import { readBatch } from '../../../../../shared/ring/batch/status.ts';
import { type Submission, submit } from '../../../../../shared/ring/batch/submit.ts';
import { withoutAttempt } from '../../../../../shared/ring/model/outcome.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { changeForCaller } from '../../../../../shared/ring/serve-caller.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { invocation } from '../../../../support/ring/ring-deps.ts';
import type { Call } from '../../../../support/ring/turns.ts';

const deferred = {
  ...withoutAttempt('sip:alice@contoso.com', 'c-1'),
  outcome: 'deferred',
  code: 'busy',
  detail: 'Another request for this user is in progress.',
} as const;

function submissionOf(entries: readonly object[], more: Partial<Submission> = {}): Submission {
  return {
    batch: 'up-1',
    source: 'http',
    requestedAtMs: Date.parse('2026-11-23T08:00:00Z'),
    dryRun: false,
    entries,
    outcome: deferred,
    delayMs: 1_000,
    ...more,
  };
}

/** Entries of each user, with a key so long that a message holds about two hundred. */
function entriesOf(users: readonly string[]) {
  return users.map((user) => ({ user, ring: 'team', ringDelaySeconds: 7, ref: 'x'.repeat(190) }));
}

/** Entries that take three messages. */
const manyEntries = entriesOf(Array.from({ length: 400 }, (_, index) => `nobody-${index}@contoso.com`));

function textsOf(harness: BatchHarness) {
  return harness.queues.bulk.map(({ text }) => JSON.parse(text));
}

/** Lets one call fail by its name: `skip` of that name pass before. */
function failAtCall(
  harness: BatchHarness,
  name: string,
  { skip = 0, turn = 'before' as 'before' | 'after' } = {},
) {
  let passed = 0;
  harness.hooks[turn] = async (call: Call) => {
    if (!call.startsWith(name)) return;
    passed += 1;
    if (passed > skip) throw new StorageUnavailableError(`No response to ${call}.`);
  };
}

async function pageOf(harness: BatchHarness, batch = 'up-1') {
  return await readBatch(harness.ledger, batch, { limit: 1 });
}

describe('a submission', () => {
  it('has its row before its first message, and its parts in the ledger after its last', async () => {
    const harness = await openHarness();
    const calls: string[] = [];
    harness.hooks.before = async (call) => void calls.push(call.split(' ')[0] ?? '');
    expect(await submit(harness.deps, invocation(), submissionOf(manyEntries))).toMatchObject({ ok: true });
    const firstSend = calls.indexOf('send');
    expect(calls.slice(0, firstSend)).toEqual(['register-batch']);
    expect(calls.slice(calls.lastIndexOf('send') + 1)).toContain('write-part');
    const { parts } = textsOf(harness)[0];
    expect(parts).toBeGreaterThan(1);
    expect(await harness.ledger.readBatch('up-1')).toEqual({
      batch: 'up-1',
      createdAtMs: expect.any(Number),
      cancelled: false,
      submitted: {
        digest: expect.any(String),
        requestedAtMs: Date.parse('2026-11-23T08:00:00Z'),
        source: 'http',
        parts,
        sizes: textsOf(harness).map(({ entries }) => entries.length),
        entries: 400,
      },
    });
    expect(await pageOf(harness)).toMatchObject({ missingCount: 0, entries: 400, counts: { deferred: 400 } });
  });

  it.each(['before', 'after'] as const)(
    'sends nothing where its row cannot be written: the failure came %s the call',
    async (turn) => {
      const harness = await openHarness();
      failAtCall(harness, 'register-batch', { turn });
      await expect(submit(harness.deps, invocation(), submissionOf(manyEntries))).rejects.toThrow(
        StorageUnavailableError,
      );
      expect(harness.queues.bulk).toEqual([]);
    },
  );

  it('is told with its batch where sending stops half-way, and is completed when it is repeated', async () => {
    const harness = await openHarness();
    failAtCall(harness, 'send bulk', { skip: 1 });
    const submission = submissionOf(manyEntries);
    await expect(submit(harness.deps, invocation(), submission)).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringMatching(/Of the \d messages of the batch up-1, 1 were sent for certain\./),
    });
    const announced = (await harness.ledger.readBatch('up-1'))?.submitted?.parts ?? 0;
    expect(await pageOf(harness)).toMatchObject({
      parts: announced,
      missingCount: announced,
      entries: 400,
      finished: false,
      counts: { pending: 400 },
    });
    harness.hooks.before = undefined;
    const later = { ...submission, requestedAtMs: submission.requestedAtMs + 60_000 };
    expect(await submit(harness.deps, invocation(), later)).toEqual({
      ok: true,
      value: { requestedAtMs: submission.requestedAtMs, parts: 3, isRepeated: true, isCancelled: false },
    });
    await harness.drain();
    const told = await pageOf(harness);
    expect(told).toMatchObject({ missing: [], finished: true, counts: { failed: 400 } });
    expect(harness.events.map(({ event }) => event)).not.toContain('batch-exists');
  });

  it('sends only the parts that have not come when it is repeated', async () => {
    const harness = await openHarness();
    const submission = submissionOf(manyEntries);
    failAtCall(harness, 'send bulk', { skip: 2 });
    await expect(submit(harness.deps, invocation(), submission)).rejects.toThrow(StorageUnavailableError);
    harness.hooks.before = undefined;
    await harness.drain();
    const sent = harness.queues.bulk.length;
    const later = { ...submission, requestedAtMs: submission.requestedAtMs + 60_000 };
    await submit(harness.deps, invocation(), later);
    const resent = textsOf(harness).slice(sent);
    expect(resent.map(({ part }) => part)).toEqual([2]);
    expect(resent[0].requestedAt).toBe('2026-11-23T08:00:00.000Z');
  });

  it('is refused where its name stands for other content, or for a batch that came over the queue', async () => {
    const harness = await openHarness();
    await submit(harness.deps, invocation(), submissionOf(entriesOf(['a@contoso.com'])));
    await harness.deliver({
      schema: 'simring/bulk/1',
      batch: 'hr',
      entries: [{ user: 'b@contoso.com', ring: 'off' }],
    });
    harness.queues.bulk.length = 0;
    for (const submission of [
      submissionOf(entriesOf(['b@contoso.com'])),
      submissionOf(entriesOf(['a@contoso.com']), { dryRun: true }),
      submissionOf(entriesOf(['a@contoso.com']), { batch: 'hr' }),
    ]) {
      expect(await submit(harness.deps, invocation(), submission)).toEqual({
        ok: false,
        error: 'batch-exists',
      });
    }
    expect(harness.queues.bulk).toEqual([]);
  });

  it('takes a name that only rejected messages used, once, and none that was cancelled', async () => {
    const harness = await openHarness();
    for (const batch of ['free', 'cancelled']) {
      await harness.deliver({ schema: 'simring/bulk/1', batch, entires: [] });
      expect(await harness.ledger.readBatch(batch)).toMatchObject({ cancelled: false });
    }
    await harness.ledger.cancelBatch('cancelled');
    const entries = entriesOf(harness.addUsers(1));
    const send = (more: Partial<Submission>) =>
      submit(harness.deps, invocation(), submissionOf(entries, more));
    expect(await send({ batch: 'cancelled' })).toEqual({ ok: false, error: 'batch-exists' });
    expect(await send({ batch: 'free' })).toMatchObject({
      ok: true,
      value: { isRepeated: false, isCancelled: false },
    });
    expect(await send({ batch: 'free' })).toMatchObject({
      ok: true,
      value: { isRepeated: true, isCancelled: false },
    });
    expect(await send({ batch: 'free', dryRun: true })).toEqual({ ok: false, error: 'batch-exists' });
    await harness.drain();
    expect(await pageOf(harness, 'free')).toMatchObject({ finished: true, counts: { applied: 1 } });
  });

  it('takes its source and its split from the row when it is repeated', async () => {
    const harness = await openHarness();
    const submission = submissionOf(manyEntries, { source: 'hr' });
    await submit(harness.deps, invocation(), submission);
    const submitted = (await harness.ledger.readBatch('up-1'))?.submitted;
    if (submitted === undefined) throw new Error('The batch has no row.');
    // As a version that splits by other rules may have left it.
    const sizes = [1, 398, 1];
    await harness.ledger.registerBatch('up-2', 1, { ...submitted, sizes });
    harness.queues.bulk.length = 0;
    const repeated = { ...submission, batch: 'up-2', source: 'x'.repeat(100) };
    expect(await submit(harness.deps, invocation(), repeated)).toMatchObject({
      ok: true,
      value: { parts: 3, isRepeated: true, isCancelled: false },
    });
    expect(textsOf(harness).map(({ entries, source }) => [entries.length, source])).toEqual(
      sizes.map((size) => [size, 'hr']),
    );
  });

  it.each(['insert-entries', 'write-part', 'read-entries'])(
    'succeeds once all is sent, although %s fails: the message enters the entries itself',
    async (name) => {
      const harness = await openHarness();
      const [user = ''] = harness.addUsers(1);
      failAtCall(harness, name);
      const call = invocation({ log: (event) => void harness.events.push(event) });
      expect(await submit(harness.deps, call, submissionOf(entriesOf([user])))).toMatchObject({ ok: true });
      expect(harness.events).toMatchObject([{ event: 'storage-unavailable', level: 'warn' }]);
      harness.hooks.before = undefined;
      await harness.drain();
      expect(await pageOf(harness)).toMatchObject({ finished: true, counts: { applied: 1 } });
    },
  );
});

describe('a change of a caller that must be deferred', () => {
  it('is told as an error only where nothing was sent, or with the batch that tells what comes of it', async () => {
    let deferrals = 0;
    for (const turn of ['before', 'after'] as const) {
      for (const name of ['register-batch', 'send bulk', 'insert-entries', 'read-entries', 'write-part']) {
        const harness = await openHarness();
        const [user] = harness.addUsers(1);
        if (user === undefined) throw new Error('No user was added.');
        const claim = { id: 'other', untilMs: harness.clock.nowMs() + 61_000 };
        await harness.users.write(user, { claim }, undefined);
        failAtCall(harness, name, { turn });
        const request = { user, desired: { ring: 'team', ringDelaySeconds: 7 }, dryRun: false } as const;
        const served = await changeForCaller(harness.deps, invocation(), request).catch(
          (error: unknown) => error,
        );
        const where = `${name}, ${turn}`;
        if (served instanceof StorageUnavailableError) {
          const isNamed = /batch http-id-\d+/.test(served.message);
          expect(harness.queues.bulk.length === 0 || isNamed, where).toBe(true);
        } else {
          expect(served, where).toMatchObject({ kind: 'queued' });
          expect(harness.queues.bulk, where).toHaveLength(1);
          deferrals += 1;
        }
        harness.hooks[turn] = undefined;
        if (harness.queues.bulk.length === 0) continue;
        await harness.drain();
        expect(harness.ringOf(user), where).toBe(7);
      }
    }
    expect(deferrals).toBe(6);
  });

  it('has no summary, which is for the systems that send messages', async () => {
    const harness = await openHarness();
    const [user] = harness.addUsers(1);
    if (user === undefined) throw new Error('No user was added.');
    await harness.users.write(
      user,
      { claim: { id: 'other', untilMs: harness.clock.nowMs() + 61_000 } },
      undefined,
    );
    const served = await harness.changeForCaller(user, { ring: 'off' });
    if (served.kind !== 'queued') throw new Error(`The change is ${served.kind}.`);
    await harness.drain();
    expect(await pageOf(harness, served.batch)).toMatchObject({ finished: true });
    expect(harness.queues.results).toEqual([]);
  });

  it('differs from a batch of that name which came over the queue: its sender gets a summary', async () => {
    const harness = await openHarness();
    const [user = ''] = harness.addUsers(1);
    const entries = [{ user, ring: 'off' }];
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'http-of-hr', source: 'workday', entries });
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'hr', source: 'http', entries });
    expect(harness.queues.results).toHaveLength(2);
  });
});
