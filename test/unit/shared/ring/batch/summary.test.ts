import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { formatRefusal, formatResults } from '../../../../../shared/ring/batch/summary.ts';
import type { LedgerEntry } from '../../../../../shared/ring/ports/ledger.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const stored = { generation: 0, digest: 'abc' };
const key = { batch: 'hr-2026-11-23', part: 3 };
const resultsSchema = z.strictObject({
  schema: z.literal('simring/results/1'),
  id: z.string(),
  batch: z.string(),
  part: z.number(),
  counts: z.record(z.string(), z.number()),
  failed: z.array(z.looseObject({ entry: z.number(), user: z.string() })),
  truncated: z.literal(true).optional(),
});

function read(text: string) {
  return resultsSchema.parse(JSON.parse(text));
}

function failure(entry: number, detail: string): LedgerEntry {
  const user = `sip:user-${entry}@contoso.com`;
  return {
    entry,
    user,
    ...stored,
    ref: `E${entry}`,
    outcome: outcomeOf('failed', { code: 'ucwa-rejected', detail }),
  };
}

describe('the summary of a part', () => {
  it('counts the outcomes and lists the failures', () => {
    const entries: LedgerEntry[] = [
      { entry: 0, user: 'sip:a@contoso.com', ...stored, outcome: outcomeOf('applied', { verified: true }) },
      { entry: 1, user: 'sip:b@contoso.com', ...stored, ref: 'E1', outcome: outcomeOf('superseded') },
      {
        entry: 2,
        user: 'x',
        ...stored,
        outcome: outcomeOf('rejected', { code: 'invalid-request', detail: '/user: …' }),
      },
      failure(3, 'The pool refused it.'),
      { entry: 4, user: 'sip:c@contoso.com', ...stored, outcome: outcomeOf('applied') },
    ];
    expect(read(formatResults(key, entries))).toEqual({
      schema: 'simring/results/1',
      id: 'hr-2026-11-23/3',
      ...key,
      counts: { applied: 2, superseded: 1, rejected: 1, failed: 1 },
      failed: [
        { entry: 2, user: 'x', outcome: 'rejected', code: 'invalid-request', detail: '/user: …' },
        {
          entry: 3,
          ref: 'E3',
          user: 'sip:user-3@contoso.com',
          outcome: 'failed',
          code: 'ucwa-rejected',
          detail: 'The pool refused it.',
        },
      ],
    });
  });

  it('has the same id each time, and a different one for another part', () => {
    const idOf = (part: number) => read(formatResults({ ...key, part }, [])).id;
    expect(idOf(3)).toBe(idOf(3));
    expect(idOf(4)).not.toBe(idOf(3));
  });

  it('fits into a message of 64 KiB as sent, and says whether it is truncated', () => {
    const detail = fc.string({ unit: fc.constantFrom('x', 'é', '漢', '😀', '"', '\n'), maxLength: 400 });
    fc.assert(
      fc.property(fc.array(detail, { minLength: 50, maxLength: 300 }), (details) => {
        const entries = details.map((text, entry) => failure(entry, text));
        const text = formatResults(key, entries);
        expect(Buffer.from(text).toString('base64').length).toBeLessThanOrEqual(64 * 1024);
        const { failed, truncated, counts } = read(text);
        expect(counts).toEqual({ failed: entries.length });
        expect(failed.map(({ entry }) => entry)).toEqual(
          entries.slice(0, failed.length).map(({ entry }) => entry),
        );
        expect(truncated).toBe(failed.length < entries.length ? true : undefined);
      }),
      { numRuns: 50 },
    );
  });

  it('lists as many failures as fit', () => {
    const entries = Array.from({ length: 1_000 }, (_, entry) => failure(entry, 'y'.repeat(100)));
    const text = formatResults(key, entries);
    const bytesOfOne = Buffer.byteLength(JSON.stringify(read(text).failed[0]));
    expect(read(text).truncated).toBe(true);
    expect(Buffer.byteLength(text)).toBeGreaterThan(48 * 1024 - 2 * bytesOfOne);
  });
});

describe('the refusal of other content under the same name', () => {
  const entries = [0, 1].map(
    (entry): LedgerEntry => ({ entry, user: `sip:u${entry}@contoso.com`, ref: `E${entry}`, ...stored }),
  );

  it('lists each entry as rejected, under an id of its own', () => {
    const refusal = read(formatRefusal(key, entries, 'd1'));
    expect(refusal).toMatchObject({ ...key, counts: { rejected: 2 } });
    expect(refusal.failed).toMatchObject([
      { entry: 0, ref: 'E0', user: 'sip:u0@contoso.com', outcome: 'rejected', code: 'batch-exists' },
      { entry: 1, ref: 'E1', user: 'sip:u1@contoso.com', outcome: 'rejected', code: 'batch-exists' },
    ]);
    const summaries = [
      formatRefusal(key, entries, 'd1'),
      formatRefusal(key, entries, 'd2'),
      formatResults(key, entries),
    ];
    expect(new Set(summaries.map((text) => read(text).id)).size).toBe(3);
  });

  it('is truncated to fit into a message', () => {
    const many = Array.from({ length: 1_000 }, (_, entry) => ({ entry, user: 'u'.repeat(100), ...stored }));
    const text = formatRefusal(key, many, 'd1');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(48 * 1024);
    expect(read(text).truncated).toBe(true);
  });
});
