import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { crossingDeliveries, expectAllEndedOnce } from '../../../../support/ring/crossing-deliveries.ts';
import { openTables } from '../../../../support/ring/table-storage.ts';

const storage = new LocalStorage();
beforeAll(() => storage.start());
afterAll(() => storage.stop());

describe('deliveries that cross, crash and stall', () => {
  it('end each entry exactly once on real tables', { timeout: 120_000 }, async () => {
    let runs = 0;
    const property = fc.asyncProperty(crossingDeliveries, async (crossing) => {
      runs += 1;
      await expectAllEndedOnce(crossing, await openTables(storage.connectionString, `run${runs}`));
    });
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });
});
