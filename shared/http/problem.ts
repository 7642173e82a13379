import type { HttpResponseInit } from '@azure/functions';
import type { FailureCode } from '../ring/model/failure-code.ts';
import type { UcwaWords } from '../ring/model/outcome.ts';
import { correlationHeader } from './correlation.ts';
import { jsonBody } from './json-body.ts';

/** What a problem says beside its code. */
export interface ProblemMembers {
  readonly detail: string;
  readonly correlationId: string;
  readonly user?: string;
  readonly errors?: readonly ProblemError[];
  readonly ucwa?: UcwaWords;
}

/** One thing that is wrong with a request. In an upload, a row of a file has its line, and the column with its own name. */
export interface ProblemError {
  readonly pointer: string;
  readonly detail: string;
  readonly line?: number;
  readonly column?: string;
}

interface ProblemOptions extends ProblemMembers {
  readonly retryAfterSeconds?: number;
}

const kinds: Readonly<Record<FailureCode, { status: number; title: string }>> = {
  'invalid-request': { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'The caller is not identified' },
  'user-not-allowed': { status: 403, title: 'The caller may not do this' },
  'target-not-allowed': { status: 403, title: 'The target is not allowed' },
  'batch-not-found': { status: 404, title: 'The batch does not exist' },
  'batch-exists': { status: 409, title: 'The name of the batch is already used for different content' },
  'batch-finished': { status: 409, title: 'The batch has finished already' },
  'batch-not-finished': { status: 409, title: 'The batch has not finished yet' },
  superseded: { status: 409, title: 'A newer request came first' },
  'too-large': { status: 413, title: 'The request is too large' },
  'user-not-enabled': { status: 422, title: 'The user is not enabled for simultaneous ring' },
  'user-not-found': { status: 422, title: 'The pool does not know the user' },
  'ucwa-rejected': { status: 422, title: 'UCWA refused the change' },
  'not-effective': { status: 422, title: 'The change did not take effect' },
  'previous-unknown': { status: 422, title: 'What was set before is not recorded' },
  'credential-missing': { status: 424, title: 'The user has no credential' },
  'credential-invalid': { status: 424, title: "The user's credential cannot be used" },
  'credential-rejected': { status: 424, title: "UCWA refused the user's credential" },
  'identity-mismatch': { status: 424, title: 'The credential belongs to another user' },
  'sign-in-unsupported': { status: 424, title: 'The pool accepts no passwords' },
  misconfigured: { status: 503, title: 'The app is not configured correctly' },
  busy: { status: 503, title: 'Other work is in progress' },
  interrupted: { status: 503, title: 'The work was interrupted' },
  'ucwa-unavailable': { status: 503, title: 'UCWA is not available' },
  'vault-unavailable': { status: 503, title: 'Key Vault is not available' },
  'storage-unavailable': { status: 503, title: 'Storage is not available' },
};

/** Returns the status and the title of the problem that a code stands for. */
export function problemKind(code: FailureCode): { readonly status: number; readonly title: string } {
  return kinds[code];
}

/** Returns an error response as RFC 9457 defines it. */
export function problem(code: FailureCode, options: ProblemOptions): HttpResponseInit {
  const { status, title } = kinds[code];
  const { retryAfterSeconds, ...members } = options;
  return {
    status,
    headers: {
      'content-type': 'application/problem+json',
      [correlationHeader]: options.correlationId,
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
    body: jsonBody({ type: `urn:simultaneous-ring:problem:${code}`, title, status, code, ...members }),
  };
}

/** Returns the response to an unexpected error: its cause stands in the log only. */
export function unexpectedProblem(correlationId: string): HttpResponseInit {
  const title = 'Unexpected error';
  const detail =
    'The log holds the cause under this correlation id. Nothing was lost; the request can be repeated.';
  return {
    status: 500,
    headers: { 'content-type': 'application/problem+json', [correlationHeader]: correlationId },
    body: jsonBody({ type: 'about:blank', title, status: 500, detail, correlationId }),
  };
}

/** Returns the response where nothing can tell now who calls, which no code stands for: the request was not looked at. */
export function uncheckedProblem(
  detail: string,
  {
    correlationId,
    retryAfterSeconds,
  }: { readonly correlationId: string; readonly retryAfterSeconds: number },
): HttpResponseInit {
  const title = 'The caller cannot be identified now';
  return {
    status: 503,
    headers: {
      'content-type': 'application/problem+json',
      [correlationHeader]: correlationId,
      'retry-after': String(retryAfterSeconds),
    },
    body: jsonBody({ type: 'about:blank', title, status: 503, detail, correlationId }),
  };
}
