import { describe, expect, it } from 'vitest';
import { batchReport } from '../../../../../../shared/ring/batch/report.ts';
import { cancelBatch, readBatch } from '../../../../../../shared/ring/batch/status.ts';
import { readCsvUpload, readJsonUpload } from '../../../../../../shared/ring/batch/upload/read-upload.ts';
import {
  acceptUpload,
  type Upload,
  validateUpload,
} from '../../../../../../shared/ring/batch/upload/upload.ts';
import { StorageUnavailableError } from '../../../../../../shared/ring/ports/storage-error.ts';
import { type BatchHarness, openHarness } from '../../../../../support/ring/batch-harness.ts';
import { invocation } from '../../../../../support/ring/ring-deps.ts';

function uploadOf(entries: readonly object[], more: Partial<Upload> = {}): Upload {
  const read = readJsonUpload({ entries });
  if (!read.ok) throw new Error('The upload is not valid.');
  return { ...read.value, dryRun: false, strict: false, ...more };
}

const teamOf = (users: readonly string[]) =>
  users.map((user, nth) => ({ user, ring: 'team', ringDelaySeconds: nth % 56 }));

/** Entries that take three messages. */
const many = Array.from({ length: 400 }, (_, nth) => ({
  user: `nobody-${nth}@contoso.com`,
  ring: 'off',
  ref: `${nth}${'x'.repeat(190)}`,
}));

function accept({ deps }: BatchHarness, upload: Upload) {
  return acceptUpload(deps, invocation(), upload);
}

function textsOf({ queues }: BatchHarness) {
  return queues.bulk.map(({ text }) => JSON.parse(text));
}

/** Lets the messages after the first few fail to be sent. */
function failSending(harness: BatchHarness, after: number) {
  let sent = 0;
  harness.hooks.before = async (call) => {
    if (call.startsWith('send bulk') && ++sent > after)
      throw new StorageUnavailableError('The queue is gone.');
  };
}

describe('an upload', () => {
  it('is sent as numbered parts, and ends as its entries do, without a summary', async () => {
    const harness = await openHarness();
    const users = harness.addUsers(3);
    const accepted = await accept(harness, uploadOf(teamOf(users), { batch: 'hr', source: 'portal' }));
    const rejected = { count: 0, first: [] };
    expect(accepted).toEqual({ ok: true, value: { batch: 'hr', entries: 3, parts: 1, rejected } });
    const [message] = textsOf(harness);
    expect(message).toMatchObject({ batch: 'hr', part: 0, parts: 1, source: 'portal', dryRun: false });
    expect(message.entries.map((entry: { entry: number }) => entry.entry)).toEqual([0, 1, 2]);
    await harness.drain();
    expect(users.map((user) => harness.ringOf(user))).toEqual([0, 1, 2]);
    expect(harness.queues.results).toEqual([]);
  });

  it('shows its entries as pending and its parts as missing until they come', async () => {
    const harness = await openHarness();
    await accept(harness, uploadOf(many, { batch: 'hr' }));
    expect(await readBatch(harness.ledger, 'hr', { limit: 10 })).toMatchObject({
      parts: 3,
      missing: [0, 1, 2],
      missingCount: 3,
      entries: 400,
      finished: false,
      counts: { pending: 400 },
      outcomes: [],
    });
    const report = await batchReport(harness.ledger, 'hr', {});
    expect(report?.split('\r\n')).toHaveLength(2);
  });

  it('is cancelled before its messages come', async () => {
    const harness = await openHarness();
    const users = harness.addUsers(2);
    await accept(harness, uploadOf(teamOf(users), { batch: 'hr' }));
    expect(await cancelBatch(harness.ledger, invocation(), 'hr')).toBe('cancelled');
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['cancelled', 'cancelled']);
    expect(await readBatch(harness.ledger, 'hr', { limit: 1 })).toMatchObject({ finished: true });
  });

  it('goes on without its wrong rows, which end as rejected under their own numbers', async () => {
    const harness = await openHarness();
    const [user = ''] = harness.addUsers(1);
    const entries = [{ user: 'nobody', ring: 'off' }, { user, ring: 'off' }, 'text'] as const;
    const read = readJsonUpload({ batch: 'hr', entries });
    if (!read.ok) throw new Error('The upload is not valid.');
    const accepted = await accept(harness, { ...read.value, dryRun: false, strict: false });
    expect(accepted).toMatchObject({
      value: { entries: 3, rejected: { count: 2, first: [{ entry: 0, column: 'user' }, { entry: 2 }] } },
    });
    await harness.drain();
    expect(harness.outcomes('hr')).toEqual(['rejected', 'unchanged', 'rejected']);
  });

  it.each([
    ['every row is wrong', [{ user: 'x' }, { user: 'y' }], false],
    ['one row is wrong and it is strict', [{ user: 'alice@contoso.com', ring: 'off' }, { user: 'y' }], true],
  ])('is refused, and nothing sent, where %s', async (_why, entries, strict) => {
    const harness = await openHarness();
    expect(await accept(harness, uploadOf(entries, { batch: 'hr', strict }))).toMatchObject({
      ok: false,
      error: { kind: 'wrong-rows' },
    });
    expect(await harness.ledger.readBatch('hr')).toBeUndefined();
    expect(harness.queues.bulk).toEqual([]);
  });

  it('has the time of its request, unless that is later than now', async () => {
    const harness = await openHarness();
    const nowMs = harness.clock.nowMs();
    for (const requestedAtMs of [nowMs - 60_000, nowMs + 60_000]) {
      await accept(harness, uploadOf(many.slice(0, 1), { batch: `at-${requestedAtMs}`, requestedAtMs }));
    }
    expect(textsOf(harness).map(({ requestedAt }) => Date.parse(requestedAt) - nowMs)).toEqual([-60_000, 0]);
  });

  it('is refused where its time is older than results are kept', async () => {
    const harness = await openHarness();
    const upload = uploadOf(many, { requestedAtMs: Date.parse('0001-01-01T00:00:00Z') });
    const error = { kind: 'invalid', issues: [{ pointer: '/requestedAt', code: 'invalid-request' }] };
    expect(await accept(harness, upload)).toMatchObject({ ok: false, error });
    expect(await validateUpload(harness.deps, upload)).toMatchObject({ ok: false, error });
    expect(harness.queues.bulk).toEqual([]);
  });
});

describe('an upload that is only judged', () => {
  it('tells the name that it would have and its wrong rows, and sends nothing', async () => {
    const harness = await openHarness();
    const calls: string[] = [];
    harness.hooks.before = async (call) => void calls.push(call);
    const upload = uploadOf([{ user: 'alice@contoso.com', ring: 'off' }, { user: 'x' }], { dryRun: true });
    const judged = await validateUpload(harness.deps, { ...upload, batch: 'hr' });
    expect(judged).toMatchObject({
      ok: true,
      value: { batch: 'dry-hr', dryRun: true, entries: 2, rejected: { count: 1, first: [{ entry: 1 }, {}] } },
    });
    const unnamed = await validateUpload(harness.deps, upload);
    expect(calls).toEqual(['read-batch dry-hr', 'read-parts dry-hr']);
    const accepted = await accept(harness, upload);
    expect(accepted.ok && accepted.value.batch).toBe(unnamed.ok && unnamed.value.batch);
  });
});

describe('a name that stands for other content', () => {
  it('is told before anything is sent, and not where the content is the same', async () => {
    const harness = await openHarness();
    const upload = uploadOf([{ user: 'alice@contoso.com', ring: 'off' }], { batch: 'hr' });
    await accept(harness, upload);
    expect(await validateUpload(harness.deps, upload)).toMatchObject({ ok: true });
    const other = uploadOf([{ user: 'bob@contoso.com', ring: 'off' }], { batch: 'hr' });
    const refused = { ok: false, error: { kind: 'batch-exists', batch: 'hr' } };
    expect(await validateUpload(harness.deps, other)).toEqual(refused);
    await harness.deliver({ schema: 'simring/bulk/1', batch: 'queued', entries: [{ user: 'x' }] });
    expect(await validateUpload(harness.deps, { ...other, batch: 'queued' })).toMatchObject({ ok: false });
  });

  it('is that of a batch which was cancelled: the same again says so', async () => {
    const harness = await openHarness();
    const upload = uploadOf([{ user: 'alice@contoso.com', ring: 'off' }], { batch: 'hr' });
    expect(await accept(harness, upload)).not.toHaveProperty('value.cancelled');
    await harness.ledger.cancelBatch('hr');
    expect(await accept(harness, upload)).toMatchObject({ value: { existing: true, cancelled: true } });
  });
});

describe('the same upload again', () => {
  it('is the same batch, and sends only what has not come', async () => {
    const harness = await openHarness();
    const first = await accept(harness, uploadOf(many));
    if (!first.ok) throw new Error('It was not accepted.');
    expect(first.value.batch).toMatch(/^up-[a-z2-7]{26}$/);
    expect(await accept(harness, uploadOf(many))).toEqual({
      ok: true,
      value: { ...first.value, existing: true },
    });
    await harness.drain();
    const sent = harness.queues.bulk.length;
    expect(await accept(harness, uploadOf(many))).toMatchObject({ ok: true, value: { existing: true } });
    expect(harness.queues.bulk.length).toBe(sent);
    expect(await readBatch(harness.ledger, first.value.batch, { limit: 1 })).toMatchObject({
      finished: true,
      entries: 400,
      counts: { failed: 400 },
    });
  });

  it.each([0, 1, 2])('completes one of which only %i messages were sent', async (after) => {
    const harness = await openHarness();
    failSending(harness, after);
    const upload = uploadOf(many, { batch: 'hr' });
    await expect(accept(harness, upload)).rejects.toThrow(
      /of the batch hr, \d were sent for certain.*send the same again/,
    );
    harness.hooks.before = undefined;
    await harness.drain();
    harness.clock.pass(60_000);
    const [first] = textsOf(harness);
    expect(await accept(harness, upload)).toMatchObject({ ok: true, value: { existing: true, parts: 3 } });
    const { requestedAtMs = 0 } = (await harness.ledger.readBatch('hr'))?.submitted ?? {};
    for (const { requestedAt } of textsOf(harness)) expect(Date.parse(requestedAt)).toBe(requestedAtMs);
    expect(first === undefined || Date.parse(first.requestedAt) === requestedAtMs).toBe(true);
    await harness.drain();
    const numbers = [0, 1, 2].flatMap((part) =>
      harness.ledger.peek({ batch: 'hr', part }).map(({ entry }) => entry),
    );
    expect(numbers.toSorted((a, b) => a - b)).toEqual(many.map((_, nth) => nth));
    expect(harness.events.map(({ event }) => event)).not.toContain('batch-exists');
  });

  it('is refused under a name that stands for other content, and taken as a dry run of its own', async () => {
    const harness = await openHarness();
    const [a, b] = [uploadOf(many.slice(0, 2), { batch: 'hr' }), uploadOf(many.slice(0, 3), { batch: 'hr' })];
    expect(await accept(harness, a)).toMatchObject({ ok: true });
    expect(await accept(harness, b)).toEqual({ ok: false, error: { kind: 'batch-exists', batch: 'hr' } });
    expect(await accept(harness, { ...b, dryRun: true })).toMatchObject({
      ok: true,
      value: { batch: 'dry-hr' },
    });
  });

  it('is the same in CSV and in JSON where the entries are the same', async () => {
    const harness = await openHarness();
    const csv = readCsvUpload(Buffer.from('user,target\nalice@contoso.com,+14255550123\n'));
    if (!csv.ok) throw new Error('The file is valid.');
    const json = uploadOf([{ user: 'alice@contoso.com', target: '+14255550123' }]);
    const names = [{ ...csv.value, dryRun: false, strict: false }, json].map(async (upload) => {
      const judged = await validateUpload(harness.deps, upload);
      return judged.ok ? judged.value.batch : '';
    });
    expect(new Set(await Promise.all(names)).size).toBe(1);
  });
});
