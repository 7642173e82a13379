import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { purgedRecord } from '../../../../../shared/ring/ports/retention.ts';
import { fullRecord } from '../../../../support/contracts/user-store-contract.ts';

const untilMs = fullRecord.claim?.untilMs ?? 0;

describe('what the purge leaves of a record', () => {
  it('is the record as it is while the user is claimed', () => {
    expect(purgedRecord(fullRecord, untilMs - 1)).toBeUndefined();
    expect(purgedRecord({ claim: { id: 'c', untilMs } }, 0)).toBeUndefined();
  });

  it('is no result, but what stands and what protects the account and the settings of the user', () => {
    const { newest, standing: _earlier, claim, before: _before, last: _last, ...kept } = fullRecord;
    expect(purgedRecord(fullRecord, untilMs)).toEqual({
      newest: { order: newest?.order },
      standing: newest,
      claim,
      ...kept,
    });
    expect(kept).toHaveProperty('unansweredToRestore');
    expect(kept).toHaveProperty('refusedVersion');
  });

  it('is left by the next purge as it is', () => {
    const record = fc.subarray(Object.entries(fullRecord)).map((some) => Object.fromEntries(some));
    fc.assert(
      fc.property(record, (some) => {
        const purged = purgedRecord(some, untilMs);
        expect(purgedRecord(purged ?? {}, untilMs)).toEqual(purged);
      }),
    );
  });
});
