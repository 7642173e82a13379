import type { HttpResponseInit } from '@azure/functions';
import type { RowProblem } from '../ring/batch/upload/judge.ts';
import type { UploadRefusal } from '../ring/batch/upload/upload.ts';
import { problem } from './problem.ts';

/** Returns the problem for an upload of which nothing was sent. */
export function uploadRefused(refusal: UploadRefusal, correlationId: string): HttpResponseInit {
  if (refusal.kind === 'batch-exists') {
    const detail = `The name ${refusal.batch} is already used for different content: send this under a new name. To complete an upload, send the same content again.`;
    return problem('batch-exists', { detail, correlationId });
  }
  const { count, first } = refusal.rejected;
  const rows = count === 1 ? '1 row is' : `${count} rows are`;
  const detail = `Nothing was sent, because ${rows} wrong. \`errors\` lists what is wrong with the first; correct it and send the file again.`;
  return problem('invalid-request', { detail, correlationId, errors: first.map(errorOf) });
}

/** The pointer leads into the entries of the upload; a row of a file is told by its line too. */
function errorOf({ line, entry, column, detail }: RowProblem) {
  const pointer = `/entries/${entry}${column === undefined ? '' : `/${column}`}`;
  return { pointer, detail, ...(line === undefined ? {} : { line }) };
}
