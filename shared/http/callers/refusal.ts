import type { HttpResponseInit } from '@azure/functions';
import { problem, uncheckedProblem } from '../problem.ts';
import type { CallerRefusal } from './check-caller.ts';

/** Returns the response to a request whose caller is refused. `WWW-Authenticate` says why, and repeats nothing of the token. */
export function callerRefused(refusal: CallerRefusal, correlationId: string): HttpResponseInit {
  switch (refusal.kind) {
    case 'no-token':
      return unauthenticated('The request has no token.', correlationId);
    case 'invalid':
      return unauthenticated(`The token is not valid. ${refusal.reason}`, correlationId);
    case 'not-allowed': {
      const { detail } = refusal;
      return challenge(problem('user-not-allowed', { detail, correlationId }), 'insufficient_scope', detail);
    }
    case 'unavailable': {
      const { detail, retryAfterSeconds } = refusal;
      return uncheckedProblem(`${detail} ${tryAgain}`, { correlationId, retryAfterSeconds });
    }
  }
}

const tryAgain = 'So the token cannot be checked now. Send the request again after the time in Retry-After.';

const getToken =
  'Send an access token of the tenant for this API in the header Authorization, behind the word Bearer.';

function unauthenticated(reason: string, correlationId: string): HttpResponseInit {
  const detail = `${reason} ${getToken}`;
  return challenge(problem('unauthenticated', { detail, correlationId }), 'invalid_token', reason);
}

/** Our texts have neither quotes nor characters that a header cannot hold. */
function challenge(response: HttpResponseInit, error: string, description: string): HttpResponseInit {
  const text = description.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?');
  return {
    ...response,
    headers: {
      ...Object.fromEntries(new Headers(response.headers)),
      'www-authenticate': `Bearer error="${error}", error_description="${text}"`,
    },
  };
}
