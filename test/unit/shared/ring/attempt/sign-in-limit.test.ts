import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signInPausedUntilMs, withSignIn } from '../../../../../shared/ring/attempt/sign-in-limit.ts';
import type { UnjudgedSignIns } from '../../../../../shared/ring/ports/user-store.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function after(...sentAtMs: readonly number[]): UnjudgedSignIns {
  return { version: 'v1', sentAtMs };
}

describe('the limit of sign-ins without a verdict', () => {
  it.each<[string, readonly number[], number, number | undefined]>([
    ['none was sent', [], 0, undefined],
    ['two were sent', [0, 1], 2, undefined],
    ['three were sent', [0, minuteMs, 2 * minuteMs], 3 * minuteMs, 30 * minuteMs],
    ['the first of three is half an hour old', [0, minuteMs, 2 * minuteMs], 30 * minuteMs, undefined],
    ['a fourth was sent', [0, 1, 2, 30 * minuteMs], 30 * minuteMs, 30 * minuteMs + 1],
    ['six were sent, however far apart', [0, 1, 2, 3, 4, 5].map((n) => n * hourMs), 6 * hourMs, 29 * hourMs],
    [
      'a day has passed since the last of six',
      [0, 1, 2, 3, 4, 5].map((n) => n * hourMs),
      29 * hourMs,
      undefined,
    ],
  ])('pauses as it must after %s', (_when, sentAtMs, nowMs, untilMs) => {
    expect(signInPausedUntilMs(after(...sentAtMs), nowMs)).toBe(untilMs);
  });

  it('allows three in any half hour and six in a row, then one a day, whenever they are tried', () => {
    const gaps = fc.array(fc.nat(2 * hourMs), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, (drawn) => {
        let nowMs = 0;
        let signIns: UnjudgedSignIns | undefined;
        const sent: number[] = [];
        for (const gapMs of drawn) {
          nowMs += gapMs;
          if (signIns !== undefined && signInPausedUntilMs(signIns, nowMs) !== undefined) continue;
          signIns = withSignIn(signIns, nowMs);
          sent.push(nowMs);
        }
        for (const [index, atMs] of sent.entries()) {
          expect(
            sent.filter((other) => other >= atMs && other < atMs + 30 * minuteMs).length,
          ).toBeLessThanOrEqual(3);
          const next = sent[index + 1];
          if (index >= 5 && next !== undefined) expect(next - atMs).toBeGreaterThanOrEqual(24 * hourMs);
        }
      }),
    );
  });

  it('keeps no more times than it looks at', () => {
    let signIns: UnjudgedSignIns | undefined;
    for (let n = 0; n < 50; n++) signIns = withSignIn(signIns, n);
    expect(signIns?.sentAtMs).toEqual([44, 45, 46, 47, 48, 49]);
  });
});
