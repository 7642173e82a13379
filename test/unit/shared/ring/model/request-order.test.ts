import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOrder, type RequestOrder } from '../../../../../shared/ring/model/request-order.ts';

const place = { part: fc.nat(3), entry: fc.nat(3) };
const inOneBatch: fc.Arbitrary<RequestOrder> = fc.record({
  requestedAtMs: fc.nat(3),
  batch: fc.constant('hr'),
  ...place,
});
/** The parts of a batch share the time of their request; two batches may share one, too. */
const acrossBatches: fc.Arbitrary<RequestOrder> = fc
  .record({ batch: fc.constantFrom('a', 'b', 'c', 'http-1'), ...place })
  .map((order) => ({ ...order, requestedAtMs: order.batch === 'b' ? 2 : 1 }));

const sign = (a: RequestOrder, b: RequestOrder) => Math.sign(compareOrder(a, b));

describe.each([
  ['in one batch, whatever the times', inOneBatch],
  ['across batches', acrossBatches],
])('requests %s', (_where, order) => {
  it('are ordered one way round', () => {
    fc.assert(
      fc.property(order, order, (a, b) => {
        expect(sign(a, b) + sign(b, a)).toBe(0);
      }),
    );
  });

  it('are the same only in the same place', () => {
    fc.assert(
      fc.property(order, order, (a, b) => {
        const same = a.batch === b.batch && a.part === b.part && a.entry === b.entry;
        expect(sign(a, b) === 0).toBe(same);
      }),
    );
  });

  it('make one line', () => {
    fc.assert(
      fc.property(order, order, order, (a, b, c) => {
        if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

it.each<[string, RequestOrder, RequestOrder]>([
  [
    'the later part, though it says an earlier time',
    { requestedAtMs: 2, batch: 'hr', part: 0, entry: 9 },
    { requestedAtMs: 1, batch: 'hr', part: 1, entry: 0 },
  ],
  [
    'the later entry of a part',
    { requestedAtMs: 1, batch: 'hr', part: 1, entry: 9 },
    { requestedAtMs: 1, batch: 'hr', part: 1, entry: 10 },
  ],
  [
    'the later time of two batches, whatever the place',
    { requestedAtMs: 1, batch: 'z', part: 7, entry: 7 },
    { requestedAtMs: 2, batch: 'a', part: 0, entry: 0 },
  ],
  [
    'the batch named later, at the same time',
    { requestedAtMs: 1, batch: 'a', part: 7, entry: 7 },
    { requestedAtMs: 1, batch: 'b', part: 0, entry: 0 },
  ],
])('what wins is %s', (_what, older, newer) => {
  expect(sign(older, newer)).toBe(-1);
  expect(sign(newer, older)).toBe(1);
});
