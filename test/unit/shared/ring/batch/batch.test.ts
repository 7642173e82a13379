import { beforeEach, describe, expect, it } from 'vitest';
import { parseBatchQuery } from '../../../../../shared/http/batch-query.ts';
import { readBatch } from '../../../../../shared/ring/batch/status.ts';
import { issuesOf } from '../../../../../shared/ring/model/validation.ts';
import type { LedgerEntry, PartRecord } from '../../../../../shared/ring/ports/ledger.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const first = { generation: 0, digest: 'abc' };

describe('what is asked of a batch', () => {
  it.each([
    [{}, { limit: 200 }],
    [
      { limit: '1000', outcome: 'failed' },
      { limit: 1000, outcome: 'failed' },
    ],
    [
      { outcome: 'pending', continuation: 'abc' },
      { limit: 200, outcome: 'pending', continuation: 'abc' },
    ],
    [{ code: 'the key of the function' }, { limit: 200 }],
  ])('%j means %j', (query, asked) => {
    expect(parseBatchQuery('hr-1', query)).toEqual({ ok: true, value: { batch: 'hr-1', ...asked } });
  });

  it.each([
    ['hr/1', {}, ['/batch']],
    ['', {}, ['/batch']],
    ['hr-1', { limit: '0' }, ['/limit']],
    ['hr-1', { limit: '1001' }, ['/limit']],
    ['hr-1', { limit: 'all' }, ['/limit']],
    ['hr-1', { outcome: 'good' }, ['/outcome']],
    ['hr-1', { outcome: 'x', limit: '-1', sort: 'user' }, ['/outcome', '/limit', '/sort']],
  ])('of %j %j is wrong at %j', (batch, query, pointers) => {
    const parsed = parseBatchQuery(batch, query);
    expect(parsed.ok).toBe(false);
    expect(issuesOf(parsed).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it('cannot name another batch than the path does', () => {
    expect(parseBatchQuery('hr-1', { batch: 'hr-2' })).toMatchObject({ ok: true, value: { batch: 'hr-1' } });
  });
});

describe('the status of a batch', () => {
  let ledger: MemoryLedger;
  const page = { limit: 2 };

  beforeEach(() => {
    ledger = new MemoryLedger();
  });

  async function keep(part: number, entries: readonly LedgerEntry[], more: Partial<PartRecord> = {}) {
    await ledger.insertEntries({ batch: 'hr', part }, entries);
    const counts = { applied: entries.length };
    const size = entries.length;
    const record = {
      part,
      entries: size,
      digest: 'd',
      requestedAtMs: 1,
      enteredAtMs: 0,
      counts,
      finished: true,
      ...more,
    };
    await ledger.writePart('hr', record, undefined);
  }

  it('is none where there is no batch', async () => {
    expect(await readBatch(ledger, 'hr', page)).toBeUndefined();
  });

  it('adds up its parts and pages through its outcomes', async () => {
    const applied = outcomeOf('applied');
    await keep(0, [
      { entry: 0, user: 'sip:a@contoso.com', ...first, ref: 'E0', outcome: applied },
      { entry: 1, user: 'sip:b@contoso.com', ...first, outcome: applied },
    ]);
    await keep(1, [{ entry: 0, user: 'sip:c@contoso.com', ...first }], {
      counts: { pending: 1 },
      finished: false,
    });
    const begin = await readBatch(ledger, 'hr', page);
    expect(begin).toMatchObject({
      batch: 'hr',
      parts: 2,
      entries: 3,
      finished: false,
      counts: { applied: 2, pending: 1 },
      outcomes: [
        { part: 0, entry: 0, ref: 'E0', outcome: 'applied' },
        { part: 0, entry: 1, outcome: 'applied' },
      ],
    });
    const { continuation = '' } = begin ?? {};
    const rest = await readBatch(ledger, 'hr', { ...page, continuation });
    expect(rest?.outcomes).toEqual([{ part: 1, entry: 0, user: 'sip:c@contoso.com' }]);
    expect(rest).not.toHaveProperty('continuation');
  });

  it.each<[string, readonly Partial<PartRecord>[], { parts: number; finished: boolean }]>([
    ['all parts seen are finished and none were announced', [{}, {}], { parts: 2, finished: true }],
    ['one is not', [{}, { finished: false }], { parts: 2, finished: false }],
    ['as many as announced are', [{ parts: 2 }, { parts: 2 }], { parts: 2, finished: true }],
    ['more were announced', [{ parts: 3 }, {}], { parts: 3, finished: false }],
  ])('tells whether it is finished where %s', async (_when, parts, told) => {
    for (const [part, more] of parts.entries()) await keep(part, [{ entry: 0, user: 'x', ...first }], more);
    expect(await readBatch(ledger, 'hr', page)).toMatchObject(told);
  });
});
