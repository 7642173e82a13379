import type { BatchRecord } from '../ports/ledger.ts';

/** Where the batch of a deferred change says it came from, unless its caller told a source of its own. */
export const callerSource = 'http';

/** Returns the name of the batch in which the change of a caller over HTTP continues. */
export function callerBatch(id: string): string {
  return `${callerSource}-${id}`;
}

/**
 * True for a batch that we put on the queue for a caller, who watches it over HTTP; the system that reads summaries did not
 * send it. It has a row that we wrote before its messages were sent; in 0.1 only name and source told one.
 */
export function isCallerBatch(
  { batch, submitted }: Pick<BatchRecord, 'batch' | 'submitted'>,
  source: string | undefined,
): boolean {
  return submitted !== undefined || (batch.startsWith(callerBatch('')) && source === callerSource);
}
