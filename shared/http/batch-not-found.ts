import type { HttpResponseInit } from '@azure/functions';
import { problem } from './problem.ts';

/** Returns the problem for a batch of which nothing is known. */
export function batchNotFound(batch: string, correlationId: string): HttpResponseInit {
  const detail = `There is no batch ${batch}: its message has not been taken from the queue yet or was moved to simring-bulk-poison, its results are older than RESULT_RETENTION_DAYS, or the name is another. Check the name first, then simring-bulk-poison.`;
  return problem('batch-not-found', { detail, correlationId });
}
