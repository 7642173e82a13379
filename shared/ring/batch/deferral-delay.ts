const minuteMs = 60_000;

/** How long what could not be done waits, by how often it waited before; the last repeats. */
const delaysMs = [minuteMs / 2, 2 * minuteMs, 10 * minuteMs, 30 * minuteMs, 120 * minuteMs] as const;

/** The wait before the next try from the queue, jittered by a tenth either way, in milliseconds. */
export function deferralDelayMs(deferrals: number, random: () => number): number {
  const delay = delaysMs[Math.min(deferrals, delaysMs.length - 1)] ?? delaysMs[0];
  return Math.round(delay * (0.9 + 0.2 * random()));
}
