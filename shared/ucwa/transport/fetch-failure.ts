import { FetchError } from 'node-fetch';
import { ConnectionError, type UcwaError, UnexpectedContentError } from '../errors.ts';
import type { Step } from '../steps.ts';
import { TlsError, tlsProblemOf } from './tls-error.ts';

/**
 * Returns the error that a rejection of fetch stands for. The rejection does not become its cause: its message holds the
 * whole URL, perhaps with a phone number in the query. `hasLeft` tells whether the request may have reached the server.
 */
export function fetchFailure(step: Step, host: string, error: unknown, hasLeft: boolean): UcwaError {
  if (error instanceof FetchError) {
    if (error.type === 'max-size') return new UnexpectedContentError(step, host, 'the body is over 1 MiB');
    const reason = error.code ?? error.type;
    if (reason.startsWith('Z_')) {
      return new UnexpectedContentError(step, host, `the compressed body is broken (${reason})`);
    }
    // Once a request has left, the certificate was accepted.
    const problem = hasLeft ? undefined : tlsProblemOf(reason, withoutUrl(error.message));
    if (problem !== undefined) return new TlsError(step, host, problem, reason);
    return new ConnectionError(step, host, hasLeft, reason);
  }
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'broken';
  return new ConnectionError(step, host, hasLeft, reason);
}

/** node-fetch writes the URL first, then what went wrong. */
function withoutUrl(message: string): string {
  return message.slice(message.lastIndexOf('reason: '));
}
