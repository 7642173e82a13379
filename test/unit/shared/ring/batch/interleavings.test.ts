import fc from 'fast-check';
import { describe, it } from 'vitest';
import {
  expectAllEndedOnce,
  interleavedDeliveries,
} from '../../../../support/ring/simulation/interleaved-deliveries.ts';

describe('deliveries that interleave, crash and stall', () => {
  it('end each entry once and keep the newest setting', { timeout: 240_000 }, async () => {
    const property = fc.asyncProperty(interleavedDeliveries, (deliveries) => expectAllEndedOnce(deliveries));
    await fc.assert(property, { numRuns: 500 });
  });
});
