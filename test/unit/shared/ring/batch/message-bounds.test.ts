import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxGeneration } from '../../../../../shared/ring/batch/message/envelope.ts';
import {
  type BulkMessageToSend,
  formatCompactMessage,
  formatMessage,
  parseQueuedMessage,
  validateBulkMessage,
} from '../../../../../shared/ring/batch/message/message.ts';
import { openHarness } from '../../../../support/ring/batch-harness.ts';
import { teamMessage } from '../../../../support/ring/ring-deps.ts';

const least = { schema: 'simring/bulk/1', batch: 'hr', entries: [{ user: 'a@contoso.com' }] } as const;

function issuesOf(more: object): readonly string[] {
  const parsed = validateBulkMessage({ ...least, ...more });
  return parsed.ok ? [] : parsed.error.map(({ pointer, detail }) => `${pointer}: ${detail}`);
}

const noTime =
  '/requestedAt: `requestedAt` is not a time of ISO 8601 (year-month-day, the time of day, its zone): write it as in 2026-11-23T09:00:00Z.';
const noYear =
  '/requestedAt: `requestedAt` is before the year 0 or after the year 9999 in UTC: check the year and the offset.';
const noPart = '/part: `part` must be less than `parts`: the first part is 0.';

describe('a bulk message', () => {
  it.each<[object, string]>([
    [{ requestedAt: '0000-01-01T00:00:00+00:01' }, noYear],
    [{ requestedAt: '9999-12-31T23:59:59-00:01' }, noYear],
    [{ requestedAt: 'soon' }, noTime],
    [{ hop: 100_001 }, '/hop: `hop` must be at most 100000.'],
    [{ hop: Number.MAX_SAFE_INTEGER }, '/hop: `hop` must be at most 100000.'],
    [{ deferrals: 100_001 }, '/deferrals: `deferrals` must be at most 100000.'],
    [{ part: 7, parts: 2 }, noPart],
    [{ part: 2, parts: 2 }, noPart],
  ])('with %j is refused', (more, issue) => {
    expect(issuesOf(more)).toEqual([issue]);
  });

  it.each([
    { requestedAt: '0000-01-01T00:00:00Z' },
    { requestedAt: '0000-01-01T01:00:00+01:00' },
    { requestedAt: '9999-12-31T23:59:59.999Z' },
    { hop: 100_000, deferrals: 100_000 },
    { part: 1, parts: 2 },
    { part: 99_999 },
    { part: 7, parts: 2, hop: 1 },
  ])('with %j is read', (more) => {
    expect(issuesOf(more)).toEqual([]);
  });

  it('has attempts of an entry refused that no setting allows', async () => {
    const harness = await openHarness();
    await harness.deliver({ ...least, entries: [{ user: 'a@contoso.com', ring: 'off', attempts: 1_001 }] });
    expect(harness.ledger.peek({ batch: 'hr', part: 0 })).toMatchObject([
      { outcome: { outcome: 'rejected', detail: '/attempts: `attempts` must be at most 1000.' } },
    ]);
  });

  it.each<[string, Partial<BulkMessageToSend>]>([
    ['generation', { generation: maxGeneration + 1 }],
    ['time', { requestedAt: new Date(-1e14).toISOString() }],
    ['batch', { batch: 'a b' }],
    ['part', { part: 3, parts: 3 }],
    ['entries', { entries: [] }],
  ])('is not formatted where its %s could not be read again', (_what, more) => {
    for (const format of [formatMessage, formatCompactMessage]) {
      expect(() => format({ ...least, ...more })).toThrow('A message of our own is not valid.');
    }
  });
});

describe('a message that is requeued', () => {
  const edge = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const accepted = fc.record({
    requestedAt: edge('0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59Z'),
    hop: edge(0, 1, maxGeneration - 1),
    deferrals: edge(0, maxGeneration),
    part: edge(0, 99_999),
    source: edge('x'.repeat(100), '\ud800'),
    dryRun: edge(true),
  });

  it.each(['slice', 'deferral', 'storage'] as const)(
    'by a %s is read again, whatever was accepted',
    async (cause) => {
      await fc.assert(
        fc.asyncProperty(accepted, fc.constantFrom(undefined, 0, 5), async (more, attempts) => {
          const harness = await openHarness(cause === 'slice' ? { sliceMs: 0 } : {});
          const [a = ''] = harness.addUsers(1);
          if (cause === 'deferral') {
            harness.simulator.fail({ user: a, step: 'discovery', times: 50, answer: { status: 503 } });
          }
          if (cause === 'storage') harness.failStorageCall(0, 'before');
          const { entries, ...message } = teamMessage([[a, 7]]);
          const content = { ...message, ...more, entries: entries.map((entry) => ({ ...entry, attempts })) };
          const text = JSON.stringify(content);
          const isNewAndOld = (more.hop ?? 0) === 0 && more.requestedAt?.startsWith('000') === true;
          if (!parseQueuedMessage(text).ok || isNewAndOld) return;
          await harness.deliver(text, { dequeueCount: cause === 'storage' ? 95 : 1 }).catch(() => {});
          for (const sent of harness.queues.bulk) expect(parseQueuedMessage(sent.text).ok).toBe(true);
          expect(harness.queues.poison).toEqual([]);
        }),
        { numRuns: 25 },
      );
    },
  );

  it('ends its entries where it has reached the highest generation', async () => {
    const harness = await openHarness({ sliceMs: 0 });
    const [a = ''] = harness.addUsers(1);
    await harness.deliver(teamMessage([[a, 7]], { hop: maxGeneration }));
    expect(harness.queues.bulk).toEqual([]);
    expect(harness.outcomes('hr')).toEqual(['failed']);
  });
});
