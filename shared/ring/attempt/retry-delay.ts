const firstDelayMs = 250;
const longestDelayMs = 4_000;

/** Returns a jittered exponential delay, in milliseconds, before the retry that follows `count` earlier ones. */
export function retryDelayMs(count: number, random: () => number): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** count);
  return Math.round(full / 2 + (full / 2) * random());
}

/**
 * Reads `Retry-After`, in seconds or as an HTTP date, as milliseconds from now. Returns undefined for anything else.
 * It is strict because `Date.parse` reads "1.5 h" as a date in 2001. RFC 9110, 10.2.3.
 */
export function parseRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)) return undefined;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
