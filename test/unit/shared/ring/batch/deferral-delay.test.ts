import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deferralDelayMs } from '../../../../../shared/ring/batch/deferral-delay.ts';

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const minuteMs = 60_000;

describe('the delay of an entry', () => {
  const schedule = [0.5, 2, 10, 30, 120].map((minutes) => minutes * minuteMs);

  it.each(schedule.map((delayMs, deferrals) => [deferrals, delayMs] as const))(
    'after %i deferrals is %i ms, plus or minus a tenth',
    (deferrals, delayMs) => {
      expect(deferralDelayMs(deferrals, () => 0.5)).toBe(delayMs);
      fc.assert(
        fc.property(anyRandom, (random) => {
          const jitteredMs = deferralDelayMs(deferrals, () => random);
          expect(Math.abs(jitteredMs - delayMs)).toBeLessThanOrEqual(delayMs / 10);
        }),
      );
    },
  );

  it('stays at two hours after more deferrals than that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 10_000 }), (deferrals) => {
        expect(deferralDelayMs(deferrals, () => 0.5)).toBe(120 * minuteMs);
      }),
    );
  });
});
