import type { HttpResponseInit } from '@azure/functions';
import { isSuccess, type Outcome } from '../ring/model/outcome.ts';
import { formatIssue, type ValidationIssue } from '../ring/model/validation.ts';
import { correlationHeader } from './correlation.ts';
import { jsonBody } from './json-body.ts';
import { problem } from './problem.ts';

/** Returns a JSON response. */
export function jsonResponse(
  status: number,
  body: unknown,
  correlationId: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/json', [correlationHeader]: correlationId, ...headers },
    body: jsonBody(body),
  };
}

/** Returns a CSV file; browsers offer to save it under its name. */
export function csvResponse(csv: string, fileName: string, correlationId: string): HttpResponseInit {
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${fileName}"`,
      [correlationHeader]: correlationId,
    },
    body: csv,
  };
}

/** Returns the response for an outcome: 200 where it succeeded, otherwise a problem. */
export function outcomeResponse(outcome: Outcome, retryAfterSeconds?: number): HttpResponseInit {
  const { correlationId, user } = outcome;
  // No change over HTTP ends here as cancelled or scheduled: that takes a batch.
  if (isSuccess(outcome) || outcome.outcome === 'cancelled' || outcome.outcome === 'scheduled') {
    return jsonResponse(200, outcome, correlationId);
  }
  const { code, detail, ucwa } = outcome;
  return problem(code, {
    detail,
    correlationId,
    user,
    ...(ucwa === undefined ? {} : { ucwa }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** Returns the problem that lists every issue; `target-not-allowed` where a dial rule is all that stands in the way. */
export function issuesResponse(
  issues: readonly ValidationIssue[],
  correlationId: string,
  user?: string,
): HttpResponseInit {
  const notAllowed = issues.every(({ code }) => code === 'target-not-allowed');
  return problem(notAllowed ? 'target-not-allowed' : 'invalid-request', {
    detail: issues.map(formatIssue).join(' '),
    correlationId,
    ...(user === undefined ? {} : { user }),
    errors: issues.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}
