import type { HttpResponseInit } from '@azure/functions';
import { problem } from './problem.ts';

/** Returns the problem for a batch of which nothing is known. */
export function batchNotFound(batch: string, correlationId: string): HttpResponseInit {
  const detail = `There is no batch "${batch}". Batches that ended more than RESULT_RETENTION_DAYS ago are no longer known. Check its name first. If it was sent a moment ago, ask again in a minute: its message still waits in the queue simring-bulk. Otherwise look for its message in the queue simring-bulk-poison.`;
  return problem('batch-not-found', { detail, correlationId });
}
