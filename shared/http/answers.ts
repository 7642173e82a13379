import type { HttpResponseInit } from '@azure/functions';
import type { Outcome } from '../ring/outcome.ts';
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
