/** Returns a duration as texts show it, in seconds to a tenth: `24 seconds`, `1 second`, `0.5 seconds`. */
export function shownSeconds(ms: number): string {
  const seconds = Math.round(ms / 100) / 10;
  return `${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
}
