import { SignInUnsupportedError, UnexpectedContentError } from '../errors.ts';
import { resolveHref } from '../transport/href.ts';
import type { UcwaAnswer } from '../transport/transport.ts';
import { documentedTokenPath } from '../vocabulary.ts';

/**
 * Where the password is to be sent, read from the 401 that a request without a token got. A challenge that names no
 * place means the documented one on the same host.
 * Throws {@link SignInUnsupportedError} where the host offers other ways than a password.
 * https://learn.microsoft.com/skype-sdk/ucwa/authenticationinucwa
 */
export function readTokenUrl(challenge: UcwaAnswer): URL {
  const { host } = challenge.url;
  const header = challenge.headers.get('www-authenticate');
  if (header === null) return new URL(documentedTokenPath, challenge.url);

  const parameters = readScheme(header, 'msrtcoauth');
  if (parameters === undefined) throw new SignInUnsupportedError(host, 'its challenge has no MsRtcOAuth');
  const grantTypes = parameters
    .get('grant_type')
    ?.split(',')
    .map((grantType) => grantType.trim());
  if (grantTypes !== undefined && !grantTypes.includes('password')) {
    throw new SignInUnsupportedError(host, 'its grant types lack password');
  }
  const href = parameters.get('href');
  if (href === undefined) return new URL(documentedTokenPath, challenge.url);
  const url = resolveHref(href, challenge.url);
  if (url === undefined)
    throw new UnexpectedContentError('challenge', host, 'the href of MsRtcOAuth is no URL');
  return url;
}

/** The parameters of one scheme, named in lower case; several headers arrive joined by commas, quotes may be missing. */
function readScheme(header: string, scheme: string): Map<string, string> | undefined {
  let current: string | undefined;
  const parameters = new Map<string, string>();
  let found = false;
  const parts = header.matchAll(
    /([A-Za-z][\w-]*)\s*=\s*(?:"([^"]*)"|([^\s,"]*))|([A-Za-z][\w-]*)(?=\s|,|$)/g,
  );
  for (const [, name, quoted, bare, schemeName] of parts) {
    if (schemeName !== undefined) current = schemeName.toLowerCase();
    found ||= current === scheme;
    if (current === scheme && name !== undefined) parameters.set(name.toLowerCase(), quoted ?? bare ?? '');
  }
  return found ? parameters : undefined;
}
