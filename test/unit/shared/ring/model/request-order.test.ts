import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOrder, type RequestOrder } from '../../../../../shared/ring/model/request-order.ts';

const position = { part: fc.nat(3), entry: fc.nat(3) };
/** Returns an order whose times follow from its batch, part and entry: a request has the same ones wherever it is named. */
const timed = ({ batch, part, entry }: { batch: string; part: number; entry: number }): RequestOrder => {
  const requestedAtMs = batch.length + part;
  const effectiveAtMs = requestedAtMs + ((entry * 7) % 3);
  return { effectiveAtMs, ...(effectiveAtMs === requestedAtMs ? {} : { requestedAtMs }), batch, part, entry };
};
const anyOfOneBatch = fc.record({ batch: fc.constant('hr'), ...position }).map(timed);
const anyOfSeveralBatches = fc
  .record({ batch: fc.constantFrom('a', 'b', 'cc', 'http-1'), ...position })
  .map(timed);

const sign = (a: RequestOrder, b: RequestOrder) => Math.sign(compareOrder(a, b));

describe.each([
  ['of one batch', anyOfOneBatch],
  ['of several batches', anyOfSeveralBatches],
])('requests %s', (_name, anyOrder) => {
  it('compare the other way round when they are swapped', () => {
    fc.assert(
      fc.property(anyOrder, anyOrder, (a, b) => {
        expect(sign(a, b) + sign(b, a)).toBe(0);
      }),
    );
  });

  it('are equal only with the same batch, part and entry', () => {
    fc.assert(
      fc.property(anyOrder, anyOrder, (a, b) => {
        const isSame = a.batch === b.batch && a.part === b.part && a.entry === b.entry;
        expect(sign(a, b) === 0).toBe(isSame);
      }),
    );
  });

  it('are ordered transitively', () => {
    fc.assert(
      fc.property(anyOrder, anyOrder, anyOrder, (a, b, c) => {
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the newer of two requests', () => {
  it.each<[string, RequestOrder, RequestOrder]>([
    [
      'a later time, in the same batch too',
      { effectiveAtMs: 1, batch: 'hr', part: 1, entry: 0 },
      { effectiveAtMs: 2, batch: 'hr', part: 0, entry: 9 },
    ],
    [
      'a later request that takes effect at the same time',
      { effectiveAtMs: 9, requestedAtMs: 1, batch: 'z', part: 0, entry: 0 },
      { effectiveAtMs: 9, requestedAtMs: 2, batch: 'a', part: 0, entry: 0 },
    ],
    [
      'an earlier request that takes effect later',
      { effectiveAtMs: 5, batch: 'z', part: 0, entry: 0 },
      { effectiveAtMs: 9, requestedAtMs: 1, batch: 'a', part: 0, entry: 0 },
    ],
    [
      'a later part, at the same time',
      { effectiveAtMs: 1, batch: 'hr', part: 0, entry: 9 },
      { effectiveAtMs: 1, batch: 'hr', part: 1, entry: 0 },
    ],
    [
      'a later entry of a part',
      { effectiveAtMs: 1, batch: 'hr', part: 1, entry: 9 },
      { effectiveAtMs: 1, batch: 'hr', part: 1, entry: 10 },
    ],
    [
      'a batch with a later time, whatever the part and entry',
      { effectiveAtMs: 1, batch: 'z', part: 7, entry: 7 },
      { effectiveAtMs: 2, batch: 'a', part: 0, entry: 0 },
    ],
    [
      'a batch with the same time and a name that sorts later',
      { effectiveAtMs: 1, batch: 'a', part: 7, entry: 7 },
      { effectiveAtMs: 1, batch: 'b', part: 0, entry: 0 },
    ],
  ])('is the one of %s', (_name, older, newer) => {
    expect(sign(older, newer)).toBe(-1);
    expect(sign(newer, older)).toBe(1);
  });
});
