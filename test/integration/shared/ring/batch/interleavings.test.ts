import fc from 'fast-check';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import {
  expectAllEndedOnce,
  interleavedDeliveries,
} from '../../../../support/ring/simulation/interleaved-deliveries.ts';
import { openTables } from '../../../../support/ring/simulation/table-storage.ts';

const storage = new LocalStorage();
beforeAll(() => storage.start());
afterAll(() => storage.stop());

describe('deliveries that interleave, crash and stall', () => {
  it('end each entry exactly once on real tables', { timeout: 120_000 }, async () => {
    let runs = 0;
    const property = fc.asyncProperty(interleavedDeliveries, async (deliveries) => {
      runs += 1;
      await expectAllEndedOnce(deliveries, await openTables(storage.connectionString, `run${runs}`));
    });
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });
});
