import { formatJson } from '../../../runtime/nested-json.ts';

/** The most bytes of JSON in one message: base64 makes 64 KiB of it, the most that a queue takes. */
export const messageLimitBytes = 48 * 1024;

/** Returns the bytes of a value as JSON. */
export function bytesOf(value: unknown): number {
  return Buffer.byteLength(formatJson(value));
}

/**
 * Splits entries, in their order, into runs that each fit into one message beside its other properties. A run has at
 * least one entry, so a single entry that is too big is left to the queue to refuse.
 */
export function splitToFit<T>(
  message: Readonly<Record<string, unknown>>,
  entries: readonly T[],
): readonly (readonly T[])[] {
  const roomBytes = messageLimitBytes - bytesOf({ ...message, entries: [] });
  const runs: T[][] = [];
  let leftBytes = 0;
  for (const entry of entries) {
    const bytes = bytesOf(entry) + 1;
    const run = runs.at(-1);
    if (run === undefined || bytes > leftBytes) {
      runs.push([entry]);
      leftBytes = roomBytes - bytes;
    } else {
      run.push(entry);
      leftBytes -= bytes;
    }
  }
  return runs;
}
