import { describe, expect, it } from 'vitest';
import { cancelBatch, listBatches, readBatch } from '../../../../../shared/ring/batch/status.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { type BatchHarness, openHarness } from '../../../../support/ring/batch-harness.ts';
import { invocation, teamMessage } from '../../../../support/ring/ring-deps.ts';

const messageId = '7c6f1f0a-0f4e-4f7e-9a53-2f6f4d1c8a01';
const misspelt = {
  schema: 'simring/bulk/1',
  batch: 'hr',
  part: 1,
  parts: 2,
  entires: [{ user: 'a@contoso.com' }],
};

function statusOf(harness: BatchHarness, batch = 'hr') {
  return readBatch(harness.ledger, batch, { limit: 10 });
}

describe('a message that names a batch and is not a bulk message', () => {
  it.each<[problem: string, content: unknown]>([
    ['an unknown schema', { schema: 'simring/bulk/2', batch: 'hr', entries: [{}] }],
    ['no schema', { batch: 'hr', entries: [{}] }],
    ['an unknown property', teamMessage([['a@contoso.com', 1]], { colour: 1 })],
    ['no entries', { schema: 'simring/bulk/1', batch: 'hr' }],
    ['an invalid part', teamMessage([['a@contoso.com', 1]], { part: 'first' })],
    ['as text', JSON.stringify({ batch: 'hr' })],
    ['in base64', Buffer.from(JSON.stringify({ batch: 'hr' })).toString('base64')],
    ['nothing else', { batch: 'hr' }],
  ])('is listed in that batch, and a summary tells its sender: %s', async (_problem, content) => {
    const harness = await openHarness();
    await harness.deliver(content, { messageId });
    const [rejected, ...others] = (await statusOf(harness))?.rejectedMessages ?? [];
    expect(others).toEqual([]);
    const at = new Date(harness.clock.nowMs()).toISOString();
    expect(rejected).toEqual({ messageId, reason: expect.stringMatching(/\w/), at });
    expect(harness.queues.results.map((text) => JSON.parse(text))).toEqual([
      {
        schema: 'simring/results/1',
        id: `hr/rejected/${messageId}`,
        batch: 'hr',
        counts: {},
        failed: [],
        rejectedMessage: { messageId, code: 'invalid-request', detail: rejected?.reason },
      },
    ]);
    expect(harness.queues.poison).toEqual([]);
    expect(harness.events).toMatchObject([
      { event: 'message-rejected', level: 'warn', correlationId: 'c-1', batch: 'hr' },
    ]);
  });

  it('keeps the part that it told, which stays missing until a readable message comes', async () => {
    const harness = await openHarness();
    const [a, b] = [harness.addUser(), harness.addUser()];
    await harness.deliver(misspelt, { messageId });
    await harness.deliver(teamMessage([[a, 1]], { part: 0, parts: 2 }));
    expect(await statusOf(harness)).toMatchObject({
      finished: false,
      missing: [1],
      entries: 1,
      rejectedMessages: [{ messageId, part: 1 }],
    });
    expect(JSON.parse(harness.queues.results[0] ?? '')).toMatchObject({ part: 1, rejectedMessage: {} });
    expect(harness.events).toMatchObject([{ event: 'message-rejected', part: 1 }, {}]);
    await harness.deliver(teamMessage([[b, 2]], { part: 1, parts: 2 }));
    expect(await statusOf(harness)).toMatchObject({
      finished: true,
      missing: [],
      counts: { applied: 2 },
      rejectedMessages: [{ part: 1 }],
    });
  });

  it('is all that an otherwise unknown batch shows: no part, no entry, not finished', async () => {
    const harness = await openHarness();
    await harness.deliver(misspelt, { messageId });
    const shown = { batch: 'hr', parts: 0, entries: 0, missing: [], finished: false, counts: {} };
    expect(await statusOf(harness)).toMatchObject({ ...shown, outcomes: [] });
    expect(await listBatches(harness.ledger, { limit: 5 })).toMatchObject({ batches: [shown] });
    expect(await cancelBatch(harness.ledger, invocation(), 'hr')).toBe('cancelled');
  });

  it('is listed once however often it is delivered, and its summary keeps its id', async () => {
    const harness = await openHarness();
    await harness.deliver(misspelt, { messageId });
    const first = await statusOf(harness);
    harness.clock.pass(60_000);
    await harness.deliver(misspelt, { messageId, dequeueCount: 2 });
    expect(await statusOf(harness)).toEqual(first);
    expect(harness.queues.results).toHaveLength(2);
    expect(new Set(harness.queues.results).size).toBe(1);
  });

  it('comes back where storage fails, and never ends twice or not at all', async () => {
    for (const turn of ['before', 'after'] as const) {
      for (let index = 0; ; index++) {
        const harness = await openHarness();
        harness.failStorageCall(index, turn);
        const failure = await harness.deliver(misspelt, { messageId }).catch((error: unknown) => error);
        harness.hooks[turn] = undefined;
        if (failure === undefined) break;
        expect(failure).toBeInstanceOf(StorageUnavailableError);
        await harness.deliver(misspelt, { messageId, dequeueCount: 2 });
        expect((await statusOf(harness))?.rejectedMessages, `${turn} ${index}`).toHaveLength(1);
        expect(new Set(harness.queues.results).size, `${turn} ${index}`).toBe(1);
        expect(harness.queues.poison).toEqual([]);
      }
    }
  });

  it('tells its sender the unknown name, and the log only that there is one', async () => {
    const harness = await openHarness();
    await harness.deliver({ ...teamMessage([['a@contoso.com', 1]]), '+14255550123': 1 }, { messageId });
    expect((await statusOf(harness))?.rejectedMessages).toMatchObject([
      { reason: expect.stringContaining('+14255550123') },
    ]);
    expect(JSON.stringify(harness.events)).not.toContain('4255550123');
  });

  it.each<[why: string, content: object, id: string | undefined]>([
    ['a property hides it', { batch: 'hr', id: '42' }, '42'],
    ['a property of another case hides it', { batch: 'hr', ID: '../x' }, '../x'],
    ['the host gives none', { batch: 'hr' }, undefined],
    ['the host gives none that is one', { batch: 'hr' }, 'a/b#?\\'],
  ])('has an id of its own where %s: the same for the same content', async (_why, content, id) => {
    const harness = await openHarness();
    await harness.deliver(content, { messageId: id });
    await harness.deliver(content, { messageId: id, dequeueCount: 2 });
    await harness.deliver({ ...content, part: 3 }, { messageId: id });
    const ids = (await statusOf(harness))?.rejectedMessages.map((message) => message.messageId) ?? [];
    expect(ids).toHaveLength(2);
    for (const one of ids) expect(one).toMatch(/^[\w-]{16}$/);
  });

  it('is one of a hundred that are listed, the oldest first', async () => {
    const harness = await openHarness();
    for (let count = 0; count < 103; count++) {
      harness.clock.pass(1_000);
      await harness.deliver({ batch: 'hr' }, { messageId: `m-${String(999 - count)}` });
    }
    const times = (await statusOf(harness))?.rejectedMessages.map(({ at }) => at) ?? [];
    expect(times).toHaveLength(100);
    expect(times).toEqual(times.toSorted());
  });
});

describe('a message that names no batch', () => {
  it.each<[name: string, content: unknown]>([
    ['not JSON', 'hello'],
    ['a list', [{ batch: 'hr' }]],
    ['an invalid name', { batch: '../hr', entries: [{}] }],
    ['a number for a name', { batch: 7, entries: [{}] }],
    ['no name', { schema: 'simring/bulk/1', entries: [{}] }],
  ])('goes to the poison queue and nowhere else: %s', async (_name, content) => {
    const harness = await openHarness();
    await harness.deliver(content, { messageId });
    expect(harness.queues.poison).toEqual([typeof content === 'string' ? content : JSON.stringify(content)]);
    expect(harness.queues.results).toEqual([]);
    expect(harness.events).toMatchObject([{ event: 'message-poisoned' }]);
    expect(await listBatches(harness.ledger, { limit: 5 })).toEqual({ batches: [] });
  });
});
