import type { HttpResponseInit } from '@azure/functions';
import type { UndoRefusal } from '../ring/batch/undo/undo-batch.ts';
import { issueAt } from '../ring/model/validation.ts';
import { batchNotFound } from './batch-not-found.ts';
import { batchUrl } from './batch-url.ts';
import { problem } from './problem.ts';
import { issuesResponse } from './response.ts';

/** Returns the problem for a batch that is not undone. */
export function undoRefused(refusal: UndoRefusal, batch: string, correlationId: string): HttpResponseInit {
  switch (refusal) {
    case 'not-found':
      return batchNotFound(batch, correlationId);
    case 'not-finished': {
      const detail = `The batch "${batch}" is still running, so nothing is undone yet: wait until it has finished, or cancel what is left of it with DELETE ${batchUrl(batch)}; then send this again.`;
      return problem('batch-not-finished', { detail, correlationId });
    }
    case 'is-undo':
      return refuse(
        `The batch "${batch}" is itself an undo and cannot be undone: send the settings that are wanted as a new batch.`,
        correlationId,
      );
    case 'nothing-applied':
      return refuse(
        `The batch "${batch}" has applied nothing, so there is nothing to undo. Nothing needs to be done.`,
        correlationId,
      );
  }
}

function refuse(detail: string, correlationId: string): HttpResponseInit {
  return issuesResponse([issueAt('/batch', detail)], correlationId);
}
