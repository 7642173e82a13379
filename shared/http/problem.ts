import type { HttpResponseInit } from '@azure/functions';
import type { FailureCode } from '../ring/model/failure-code.ts';
import type { UcwaWords } from '../ring/model/outcome.ts';
import { correlationHeader } from './correlation.ts';

/** What a problem tells beside its code. */
export interface ProblemOptions {
  readonly detail: string;
  readonly correlationId: string;
  readonly user?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  readonly ucwa?: UcwaWords;
  readonly retryAfterSeconds?: number;
}

const kinds: Readonly<Record<FailureCode, { status: number; title: string }>> = {
  'invalid-request': { status: 400, title: 'The request is wrong' },
  unauthenticated: { status: 401, title: 'The caller is not known' },
  'user-not-allowed': { status: 403, title: 'The caller may not act for this user' },
  'target-not-allowed': { status: 403, title: 'The target may not be rung' },
  'batch-not-found': { status: 404, title: 'There is no such batch' },
  'batch-exists': { status: 409, title: 'There is such a batch already, with other content' },
  superseded: { status: 409, title: 'A newer request came first' },
  'too-large': { status: 413, title: 'The request is too large' },
  'user-not-enabled': { status: 422, title: 'The user is not enabled for simultaneous ring' },
  'ucwa-rejected': { status: 422, title: 'UCWA refused the change' },
  'not-effective': { status: 422, title: 'The change did not take effect' },
  'credential-missing': { status: 424, title: 'There is no credential for this user' },
  'credential-invalid': { status: 424, title: "The user's credential cannot be used" },
  'credential-rejected': { status: 424, title: "UCWA refused the user's credential" },
  'identity-mismatch': { status: 424, title: 'The credential is that of another user' },
  'sign-in-unsupported': { status: 424, title: 'The pool takes no passwords' },
  misconfigured: { status: 503, title: 'The settings are not right' },
  'ucwa-unavailable': { status: 503, title: 'UCWA is not available' },
  'vault-unavailable': { status: 503, title: 'Key Vault is not available' },
  'storage-unavailable': { status: 503, title: 'Storage is not available' },
};

/** An error as RFC 9457 has it. */
export function problem(code: FailureCode, options: ProblemOptions): HttpResponseInit {
  const { status, title } = kinds[code];
  const { retryAfterSeconds, ...told } = options;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      [correlationHeader]: options.correlationId,
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: JSON.stringify({ type: `urn:simultaneous-ring:problem:${code}`, title, status, code, ...told }),
  };
}

/** The answer to what nobody foresaw: the log says what it was. */
export function unexpectedProblem(correlationId: string): HttpResponseInit {
  const title = 'Something unexpected happened';
  const detail =
    'The log tells what, under this correlation id. Nothing is known to be lost: trying again is safe.';
  return {
    status: 500,
    headers: { 'content-type': 'application/problem+json', [correlationHeader]: correlationId },
    body: JSON.stringify({ type: 'about:blank', title, status: 500, detail, correlationId }),
  };
}
