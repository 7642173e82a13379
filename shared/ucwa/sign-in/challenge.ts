import { SignInUnsupportedError, UnexpectedContentError } from '../errors.ts';
import { resolveLink } from '../transport/link.ts';
import type { UcwaResponse } from '../transport/transport.ts';
import { documentedTokenPath } from '../vocabulary.ts';
import { challengeWords } from './challenge-words.ts';

/**
 * Returns the URL that the password goes to, from the 401 response to a request without a token. A challenge that names
 * no URL means the documented path on the same host. Throws {@link SignInUnsupportedError} if the host offers other ways
 * to sign in, but no password. https://learn.microsoft.com/skype-sdk/ucwa/authenticationinucwa
 */
export function readTokenUrl(challenge: UcwaResponse): URL {
  const { host } = challenge.url;
  const header = challenge.headers.get('www-authenticate');
  if (header === null) return new URL(documentedTokenPath, challenge.url);

  const parameters = readScheme(header, 'msrtcoauth');
  if (parameters === undefined) {
    throw new SignInUnsupportedError(host, 'its challenge does not include MsRtcOAuth');
  }
  const grantTypes = parameters
    .get('grant_type')
    ?.split(',')
    .map((grantType) => grantType.trim());
  if (grantTypes !== undefined && !grantTypes.includes('password')) {
    throw new SignInUnsupportedError(host, 'password is not one of its grant types');
  }
  const href = parameters.get('href');
  if (href === undefined) return new URL(documentedTokenPath, challenge.url);
  const url = href.trim() === '' ? undefined : resolveLink(href, challenge);
  if (url === undefined) {
    throw new UnexpectedContentError('challenge', host, 'the href of MsRtcOAuth is not a valid URL');
  }
  return url;
}

/** True where the host takes tokens of Entra: a `Bearer` challenge without `authorization_uri` is for servers. */
export function offersEntra(challenge: UcwaResponse): boolean {
  const header = challenge.headers.get('www-authenticate') ?? '';
  return readScheme(header, 'bearer')?.get('authorization_uri') !== undefined;
}

/**
 * Returns the parameters of one scheme, by their names in lower case; undefined if the header does not have the scheme.
 * Several headers arrive as one, joined by commas, and quotes may be missing.
 */
function readScheme(header: string, scheme: string): ReadonlyMap<string, string> | undefined {
  let current: string | undefined;
  let parameters: Map<string, string> | undefined;
  for (const { name, value } of challengeWords(header)) {
    if (value === undefined) current = name;
    if (current !== scheme) continue;
    parameters ??= new Map();
    if (value !== undefined) parameters.set(name, value);
  }
  return parameters;
}
