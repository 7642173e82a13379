import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOrder, type RequestOrder } from '../../../../../shared/ring/model/request-order.ts';

const position = { part: fc.nat(3), entry: fc.nat(3) };
const anyOfOneBatch: fc.Arbitrary<RequestOrder> = fc.record({
  requestedAtMs: fc.nat(3),
  batch: fc.constant('hr'),
  ...position,
});
/** All parts of a batch have the same time; several batches may have the same, too. */
const anyOfSeveralBatches: fc.Arbitrary<RequestOrder> = fc
  .record({ batch: fc.constantFrom('a', 'b', 'c', 'http-1'), ...position })
  .map((order) => ({ ...order, requestedAtMs: order.batch === 'b' ? 2 : 1 }));

const sign = (a: RequestOrder, b: RequestOrder) => Math.sign(compareOrder(a, b));

describe.each([
  ['of one batch, whatever their times', anyOfOneBatch],
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
      'a later part, even with an earlier time',
      { requestedAtMs: 2, batch: 'hr', part: 0, entry: 9 },
      { requestedAtMs: 1, batch: 'hr', part: 1, entry: 0 },
    ],
    [
      'a later entry of a part',
      { requestedAtMs: 1, batch: 'hr', part: 1, entry: 9 },
      { requestedAtMs: 1, batch: 'hr', part: 1, entry: 10 },
    ],
    [
      'a batch with a later time, whatever the part and entry',
      { requestedAtMs: 1, batch: 'z', part: 7, entry: 7 },
      { requestedAtMs: 2, batch: 'a', part: 0, entry: 0 },
    ],
    [
      'a batch with the same time and a name that sorts later',
      { requestedAtMs: 1, batch: 'a', part: 7, entry: 7 },
      { requestedAtMs: 1, batch: 'b', part: 0, entry: 0 },
    ],
  ])('is the one of %s', (_name, older, newer) => {
    expect(sign(older, newer)).toBe(-1);
    expect(sign(newer, older)).toBe(1);
  });
});
