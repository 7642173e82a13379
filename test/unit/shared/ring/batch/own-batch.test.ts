import { describe, expect, it } from 'vitest';
import { isNamedByUs } from '../../../../../shared/ring/batch/own-batch.ts';
import { listBatches } from '../../../../../shared/ring/batch/status.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';

const id = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`;

describe('a batch that we named ourselves', () => {
  it.each([
    [`http-${id(1)}`, true],
    [`check-${id(1)}`, true],
    ['check-2026', false],
    ['http-proxy', false],
    [`hr-${id(1)}`, false],
    [`check-${id(1)}x`, false],
    [id(1), false],
  ])('is told by its name: %s, %s', (batch, expected) => {
    expect(isNamedByUs(batch)).toBe(expected);
  });
});

describe('the list of batches', () => {
  async function ledgerOf(names: readonly string[]): Promise<MemoryLedger> {
    const ledger = new MemoryLedger();
    for (const [nth, batch] of names.entries()) await ledger.registerBatch(batch, 1_000 - nth);
    return ledger;
  }

  async function readAll(ledger: MemoryLedger, limit: number, all = false): Promise<readonly string[][]> {
    const pages: string[][] = [];
    let continuation: string | undefined;
    do {
      const from = continuation === undefined ? {} : { continuation };
      const page = await listBatches(ledger, { all, limit, ...from });
      pages.push(page.batches.map(({ batch }) => batch));
      continuation = page.continuation;
    } while (continuation !== undefined);
    return pages;
  }

  const names = ['new', `http-${id(1)}`, `check-${id(2)}`, 'check-2026', `http-${id(3)}`, 'old'];

  it.each([1, 2, 3, 100])('leaves them out unless all are wanted, with %i on a page', async (limit) => {
    const ledger = await ledgerOf(names);
    expect((await readAll(ledger, limit)).flat()).toEqual(['new', 'check-2026', 'old']);
    expect((await readAll(ledger, limit, true)).flat()).toEqual(names);
  });

  it('has no page longer than its limit, and may have an empty one that goes on', async () => {
    const hidden = Array.from({ length: 45 }, (_, nth) => `http-${id(nth)}`);
    const pages = await readAll(await ledgerOf([...hidden, 'a', 'b', 'c']), 2);
    expect(pages.flat()).toEqual(['a', 'b', 'c']);
    expect(pages[0]).toEqual([]);
    for (const page of pages) expect(page.length).toBeLessThanOrEqual(2);
  });
});
