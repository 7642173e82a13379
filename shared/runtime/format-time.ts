/** Returns a time in milliseconds since 1970 as texts show it: in ISO 8601, in UTC. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}
