import { FetchError } from 'node-fetch';
import { ConnectionError, type UcwaError, UnexpectedContentError } from '../errors.ts';
import type { Step } from '../steps.ts';

/** Error codes of connections that were never established: the server got no request that it could act on. */
const connectErrors = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Returns the error that a rejection of fetch stands for. The rejection does not become its cause: its message holds the
 * whole URL, perhaps with a phone number in the query.
 */
export function fetchFailure(step: Step, host: string, error: unknown): UcwaError {
  if (error instanceof FetchError) {
    if (error.type === 'max-size') return new UnexpectedContentError(step, host, 'the body is over 1 MiB');
    const reason = error.code ?? error.type;
    if (reason.startsWith('Z_')) {
      return new UnexpectedContentError(step, host, `the compressed body is broken (${reason})`);
    }
    return new ConnectionError(step, host, !connectErrors.has(reason), reason);
  }
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'broken';
  return new ConnectionError(step, host, true, reason);
}
