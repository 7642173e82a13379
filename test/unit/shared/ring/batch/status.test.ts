import { beforeEach, describe, expect, it } from 'vitest';
import { readBatch } from '../../../../../shared/ring/batch/status.ts';
import type { LedgerEntry, PartRecord } from '../../../../../shared/ring/ports/ledger.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const stored = { generation: 0, digest: 'abc' };

describe('the status of a batch', () => {
  let ledger: MemoryLedger;
  const page = { limit: 2 };

  beforeEach(() => {
    ledger = new MemoryLedger();
  });

  async function store(part: number, entries: readonly LedgerEntry[], more: Partial<PartRecord> = {}) {
    await ledger.insertEntries({ batch: 'hr', part }, entries);
    const record = {
      part,
      entries: entries.length,
      digest: 'd',
      requestedAtMs: 1,
      enteredAtMs: 0,
      counts: { applied: entries.length },
      finished: true,
      ...more,
    };
    await ledger.writePart('hr', record, undefined);
  }

  it('is undefined when the batch does not exist', async () => {
    expect(await readBatch(ledger, 'hr', page)).toBeUndefined();
  });

  it('adds up its parts and pages through its outcomes', async () => {
    const applied = outcomeOf('applied');
    await store(0, [
      { entry: 0, user: 'sip:a@contoso.com', ...stored, ref: 'E0', outcome: applied },
      { entry: 1, user: 'sip:b@contoso.com', ...stored, outcome: applied },
    ]);
    await store(1, [{ entry: 0, user: 'sip:c@contoso.com', ...stored }], {
      counts: { pending: 1 },
      finished: false,
    });
    const firstPage = await readBatch(ledger, 'hr', page);
    expect(firstPage).toMatchObject({
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
    const { continuation = '' } = firstPage ?? {};
    const secondPage = await readBatch(ledger, 'hr', { ...page, continuation });
    expect(secondPage?.outcomes).toEqual([{ part: 1, entry: 0, user: 'sip:c@contoso.com' }]);
    expect(secondPage).not.toHaveProperty('continuation');
  });

  it.each<[string, readonly Partial<PartRecord>[], { parts: number; finished: boolean }]>([
    ['all parts seen are finished and none was announced', [{}, {}], { parts: 2, finished: true }],
    ['one part is not finished', [{}, { finished: false }], { parts: 2, finished: false }],
    ['as many parts as announced are finished', [{ parts: 2 }, { parts: 2 }], { parts: 2, finished: true }],
    ['more parts were announced', [{ parts: 3 }, {}], { parts: 3, finished: false }],
  ])('says whether it is finished when %s', async (_condition, parts, expected) => {
    for (const [part, more] of parts.entries()) await store(part, [{ entry: 0, user: 'x', ...stored }], more);
    expect(await readBatch(ledger, 'hr', page)).toMatchObject(expected);
  });
});
