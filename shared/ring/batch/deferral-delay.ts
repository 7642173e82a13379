const minuteMs = 60_000;

/** The delay after no, one, two … earlier deferrals; the last repeats. */
const delaysMs = [minuteMs / 2, 2 * minuteMs, 10 * minuteMs, 30 * minuteMs, 120 * minuteMs] as const;

/** Returns the delay in milliseconds before the next try from the queue, jittered by a tenth either way. */
export function deferralDelayMs(deferrals: number, random: () => number): number {
  const delay = delaysMs[Math.min(deferrals, delaysMs.length - 1)] ?? delaysMs[0];
  return Math.round(delay * (0.9 + 0.2 * random()));
}
