import type { HttpResponseInit } from '@azure/functions';
import type { RejectedRows, RowProblem } from '../ring/batch/upload/judge.ts';
import type { JudgedUpload, UploadAccepted, UploadRefusal } from '../ring/batch/upload/upload.ts';
import { batchUrl } from './batch-url.ts';
import { problem } from './problem.ts';
import { issuesResponse, jsonResponse } from './response.ts';
import type { UploadRequest, UploadRequestProblem } from './upload-request.ts';

type Ignored = Pick<UploadRequest, 'ignoredColumns'>;

/** Returns the response to an upload whose messages are all on the queue. */
export function uploadAccepted(
  { rejected, ...accepted }: UploadAccepted,
  { ignoredColumns }: Ignored,
  correlationId: string,
): HttpResponseInit {
  const status = batchUrl(accepted.batch);
  const body = { ...accepted, rejected: shownRows(rejected), ...shownIgnored(ignoredColumns), status };
  return jsonResponse(202, body, correlationId, { location: status });
}

/** Returns the response to an upload that was only judged: the name that its batch would have, and its wrong rows. */
export function uploadJudged(
  { rejected, ...judged }: JudgedUpload,
  { ignoredColumns }: Ignored,
  correlationId: string,
): HttpResponseInit {
  const body = { ...judged, rejected: shownRows(rejected), ...shownIgnored(ignoredColumns) };
  return jsonResponse(200, body, correlationId);
}

/** Returns the problem for an upload of which nothing was sent. */
export function uploadRefused(
  refusal: UploadRefusal | UploadRequestProblem,
  correlationId: string,
): HttpResponseInit {
  switch (refusal.kind) {
    case 'invalid':
      return issuesResponse(refusal.issues, correlationId);
    case 'too-large': {
      const detail = `${refusal.subject}: send it in several uploads, each under a name of its own. The limits are 32 MiB and 100,000 entries.`;
      return problem('too-large', { detail, correlationId });
    }
    case 'batch-exists': {
      const detail = `The name "${refusal.batch}" is already used for other entries, or for the same ones with another dryRun, so nothing was sent: choose another name.`;
      return problem('batch-exists', { detail, correlationId });
    }
    case 'wrong-rows':
      return rowsRefused(refusal.rejected, correlationId);
  }
}

function rowsRefused({ count, first }: RejectedRows, correlationId: string): HttpResponseInit {
  const entries = count === 1 ? '1 entry is' : `${count} entries are`;
  const detail = `Nothing was sent, because ${entries} wrong. \`errors\` says what is wrong in ${which(count, first)}: correct the file, and send it again.`;
  return problem('invalid-request', { detail, correlationId, errors: first.map(errorOf) });
}

function which(count: number, first: RejectedRows['first']): string {
  if (count === 1) return 'it';
  const listed = new Set(first.map(({ entry }) => entry)).size;
  return listed === count ? 'each of them' : `the first ${listed}`;
}

/** The pointer leads into the entries of the upload; a row of a file is told by its line and column too. */
function errorOf({ entry, pointer, ...told }: RowProblem) {
  return { pointer: `/entries/${entry}${pointer}`, ...told };
}

function shownRows({ count, first }: RejectedRows) {
  return { count, first: first.map(({ pointer: _inEntry, ...told }) => told) };
}

function shownIgnored(ignoredColumns: readonly string[] | undefined): Ignored {
  return ignoredColumns === undefined ? {} : { ignoredColumns };
}
