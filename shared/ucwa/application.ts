import { createHash } from 'node:crypto';
import { IdentityMismatchError, UnexpectedContentError } from './errors.ts';
import { mask } from './transport/mask.ts';
import type { Resource } from './transport/resource.ts';
import type { SentSecrets } from './transport/secrets.ts';
import type { UcwaRequest } from './transport/transport.ts';
import { parseSipUri, type SipUri } from './uri.ts';
import { rel } from './vocabulary.ts';

/** Selects one of a user's two endpoints. */
export type EndpointIndex = 0 | 1;

/**
 * Returns the id of one of a user's endpoints. It is derived from the address, so the next attempt takes over an
 * application that a crash left behind: UCWA returns the same application for the same culture, endpointId and
 * userAgent. https://learn.microsoft.com/skype-sdk/ucwa/applications_ref
 */
export function endpointId(user: SipUri, index: EndpointIndex): string {
  const hex = createHash('sha256').update(`simultaneous-ring ${user} ${index}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** Returns the request that creates, or finds again, the application of a user's endpoint. */
export function applicationRequest(
  url: URL,
  user: SipUri,
  index: EndpointIndex,
  userAgent: string,
): Omit<UcwaRequest, 'token'> {
  const json = { culture: 'en-US', endpointId: endpointId(user, index), userAgent };
  return { step: 'application', method: 'POST', url, json };
}

/**
 * Returns the `me` resource of an application. Throws {@link IdentityMismatchError} if `me` is not the user that the
 * application was created for; it names the other address, in which `secrets` and numbers are hidden.
 */
export function requireMe(application: Resource, user: SipUri, secrets?: SentSecrets): Resource {
  const me = application.embedded(rel.me);
  if (me === undefined) {
    throw new UnexpectedContentError('application', application.host, 'the application has no me');
  }
  const uri = me.text('uri');
  if (uri === undefined) throw new UnexpectedContentError('application', application.host, 'me has no uri');
  const actual = parseSipUri(uri);
  if (actual !== user) {
    throw new IdentityMismatchError(application.host, actual && mask(actual, secrets?.withoutUserNames()));
  }
  return me;
}
