import type { HttpResponseInit } from '@azure/functions';
import type { Outcome } from '../ring/model/outcome.ts';
import { formatIssue, type ValidationIssue } from '../ring/model/validation.ts';
import { correlationHeader } from './correlation.ts';
import { problem } from './problem.ts';

/** An answer in JSON. */
export function json(
  status: number,
  body: unknown,
  correlationId: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/json', [correlationHeader]: correlationId, ...headers },
    body: JSON.stringify(body),
  };
}

/** A final outcome: those that did not succeed are problems over HTTP. */
export function outcomeAnswer(outcome: Outcome, retryAfterSeconds?: number): HttpResponseInit {
  const { code, correlationId, user, ucwa, detail = '' } = outcome;
  if (code === undefined) return json(200, outcome, correlationId);
  return problem(code, {
    detail,
    correlationId,
    user,
    ...(ucwa === undefined ? {} : { ucwa }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** What is wrong with a request, all of it; where every mistake is one of the dial rules it is understood, but not allowed. */
export function mistakesAnswer(
  mistakes: readonly ValidationIssue[],
  correlationId: string,
  user?: string,
): HttpResponseInit {
  const notAllowed = mistakes.every(({ code }) => code === 'target-not-allowed');
  return problem(notAllowed ? 'target-not-allowed' : 'invalid-request', {
    detail: mistakes.map(formatIssue).join(' '),
    correlationId,
    ...(user === undefined ? {} : { user }),
    errors: mistakes.map(({ pointer, detail }) => ({ pointer, detail })),
  });
}
