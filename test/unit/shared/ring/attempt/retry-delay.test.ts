import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRetryAfterMs, retryDelayMs } from '../../../../../shared/ring/attempt/retry-delay.ts';

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the delay before a retry', () => {
  it('doubles up to four seconds, with jitter between half and all of it', () => {
    fc.assert(
      fc.property(fc.nat(50), anyRandom, (count, random) => {
        const fullMs = Math.min(4_000, 250 * 2 ** count);
        const delayMs = retryDelayMs(count, () => random);
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(fullMs / 2));
        expect(delayMs).toBeLessThanOrEqual(fullMs);
      }),
    );
  });
});

describe('the header Retry-After', () => {
  const nowMs = Date.parse('2026-11-23T09:00:00Z');

  it.each<[string | undefined, number | undefined]>([
    [undefined, undefined],
    ['0', 0],
    ['5', 5_000],
    ['007', 7_000],
    ['120', 120_000],
    ['999999999', 999_999_999_000],
    ['1000000000', undefined],
    ['1.5', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1e3', undefined],
    ['0x10', undefined],
    ['1.5 h', undefined],
    ['5 s', undefined],
    ['5, 10', undefined],
    ['', undefined],
    [' 5', undefined],
    ['soon', undefined],
    ['Mon, 23 Nov 2026 09:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
    ['Mon, 23 Nov 2026 08:59:00 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    ['Mon, 23 Nov 2026 09:00:30 CET', undefined],
    ['Mon, 23 Nov 2026 09:00:30', undefined],
    ['Mon, 99 Nov 2026 09:00:30 GMT', undefined],
    ['Mon, 23 Foo 2026 09:00:30 GMT', undefined],
    ['2026-11-23T09:00:30Z', undefined],
    ['Monday, 23-Nov-26 09:00:30 GMT', undefined],
  ])('%j is read as %j ms', (header, delayMs) => {
    expect(parseRetryAfterMs(header, nowMs)).toBe(delayMs);
  });
});
