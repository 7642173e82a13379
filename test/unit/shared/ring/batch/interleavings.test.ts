import fc from 'fast-check';
import { it } from 'vitest';
import { crossingDeliveries, expectAllEndedOnce } from '../../../../support/ring/crossing-deliveries.ts';

it('ends each entry once, and lets the newest setting stay, however deliveries cross, crash and stall', {
  timeout: 240_000,
}, async () => {
  const property = fc.asyncProperty(crossingDeliveries, (crossing) => expectAllEndedOnce(crossing));
  await fc.assert(property, { numRuns: 500 });
});
