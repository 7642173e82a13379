/** Where the batch of a deferred change says it came from. */
export const callerSource = 'http';

/** Returns the name of the batch in which the change of a caller over HTTP continues. */
export function callerBatch(id: string): string {
  return `${callerSource}-${id}`;
}

/**
 * True for the batch of a deferred change. Its caller watches it over HTTP; the system that reads summaries did not send
 * it.
 */
export function isCallerBatch(batch: string, source: string | undefined): boolean {
  return source === callerSource && batch.startsWith(callerBatch(''));
}
