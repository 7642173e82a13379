import { createHash } from 'node:crypto';
import { IdentityMismatchError, UnexpectedContentError } from './errors.ts';
import type { Resource } from './transport/resource.ts';
import type { UcwaRequest } from './transport/transport.ts';
import { parseSipUri, type SipUri } from './uri.ts';
import { rel } from './vocabulary.ts';

/** Which of a user's two endpoints an application stands for. */
export type EndpointIndex = 0 | 1;

/**
 * An id derived from the address, so that an application left behind by a crash is taken over by the next attempt:
 * the same culture, endpointId and userAgent give the same application.
 * https://learn.microsoft.com/skype-sdk/ucwa/applications_ref
 */
export function endpointId(user: SipUri, index: EndpointIndex): string {
  const hex = createHash('sha256').update(`simultaneous-ring ${user} ${index}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** The request that makes, or finds again, the application of a user's endpoint. */
export function applicationRequest(
  url: URL,
  user: SipUri,
  index: EndpointIndex,
  userAgent: string,
): Omit<UcwaRequest, 'token'> {
  const json = { culture: 'en-US', endpointId: endpointId(user, index), userAgent };
  return { step: 'application', method: 'POST', url, json };
}

/** Throws {@link IdentityMismatchError} unless the application's `me` is the user that was asked for. */
export function requireIdentity(application: Resource, user: SipUri): Resource {
  const me = application.embedded(rel.me);
  if (me === undefined)
    throw new UnexpectedContentError('application', application.host, 'there is no me in it');
  const uri = me.text('uri');
  if (uri === undefined) throw new UnexpectedContentError('application', application.host, 'me has no uri');
  if (parseSipUri(uri) !== user) throw new IdentityMismatchError(application.host);
  return me;
}
