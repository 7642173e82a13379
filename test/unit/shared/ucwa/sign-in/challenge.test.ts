import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  SignInUnsupportedError,
  UcwaError,
  UnexpectedContentError,
} from '../../../../../shared/ucwa/errors.ts';
import { readTokenUrl } from '../../../../../shared/ucwa/sign-in/challenge.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

const documented = 'https://pool.contoso.com/WebTicket/oauthtoken';
const bearer = 'Bearer trusted_issuers="00000001@contoso.com,sts.contoso.com", client_id="00000004-0000"';
const entra =
  'Bearer authorization_uri="https://login.contoso.com/oauth2/authorize", trusted_issuers="", client_id="0"';
const grants = 'urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting';
const href = 'https://web.contoso.com/WebTicket/oauthtoken';
const oauth = `MsRtcOAuth href="${href}",grant_type="${grants},password"`;

function tokenUrlOf(header: string | undefined): string {
  const headers: Record<string, string> = header === undefined ? {} : { 'www-authenticate': header };
  return readTokenUrl(responseWith({ status: 401, headers })).href;
}

describe('the token URL', () => {
  it.each([
    ['the scheme alone', oauth, href],
    ['after Bearer', `${bearer}, ${oauth}`, href],
    ['before Bearer', `${oauth}, ${bearer}`, href],
    ['after Bearer without a space', `${bearer},${oauth}`, href],
    ['after Entra', `${entra}, ${oauth}`, href],
    ['between Windows schemes', `Negotiate, ${oauth}, NTLM`, href],
    ['after a scheme with a base64 value', `Negotiate TlRMTVNTUAAC==, ${oauth}`, href],
    ['an href without quotes', `MsRtcOAuth href=${href},grant_type="${grants},password"`, href],
    ['an href without quotes at the end', `MsRtcOAuth grant_type="password",href=${href}`, href],
    ['a query in the href', `MsRtcOAuth href="${href}?a=b,c=d"`, `${href}?a=b,c=d`],
    [
      'spaces around the equals signs',
      `MsRtcOAuth  href = "${href}" , grant_type = "${grants}, password "`,
      href,
    ],
    ['a name in capitals', `MSRTCOAUTH HREF="${href}",Grant_Type="password"`, href],
    ['no grant types', `MsRtcOAuth href="${href}"`, href],
    ['a path', 'MsRtcOAuth href="/WebTicket/oauthtoken"', documented],
    ['a path that begins with //', 'MsRtcOAuth href="//v1/token"', 'https://pool.contoso.com//v1/token'],
    ['no href', 'MsRtcOAuth grant_type="password"', documented],
    ['nothing but the scheme', 'MsRtcOAuth', documented],
    ['no header at all', undefined, documented],
  ])('is read from a challenge: %s', (_name, header, expected) => {
    expect(tokenUrlOf(header)).toBe(expected);
  });

  it.each([
    ['Bearer only', bearer],
    ['Entra only', entra],
    ['Windows only', 'Negotiate, NTLM'],
    ['an empty header', ''],
    ['no password among the grant types', `MsRtcOAuth href="${href}",grant_type="${grants}"`],
    [
      'a grant type that merely contains the word password',
      `MsRtcOAuth href="${href}",grant_type="urn:x:password-reset"`,
    ],
    ['the scheme name inside a value of another scheme', `Bearer realm="MsRtcOAuth href=${href}"`],
  ])('is missing, so that no password can be used: %s', (_name, header) => {
    expect(() => tokenUrlOf(header)).toThrow(SignInUnsupportedError);
  });

  it.each(['https://[', 'javascript:alert(1)', 'sip:token'])('cannot be %s', (place) => {
    expect(() => tokenUrlOf(`MsRtcOAuth href="${place}"`)).toThrow(UnexpectedContentError);
  });

  const fragment = fc.constantFrom(
    'MsRtcOAuth',
    'Bearer',
    'href',
    '=',
    '"',
    ',',
    ' ',
    'grant_type',
    'password',
  );
  const header = fc
    .array(fc.oneof(fragment, fc.stringMatching(/^[\x20-\x7e]*$/)))
    .map((fragments) => fragments.join(''));

  it('is a URL or a UcwaError, whatever the header contains', () =>
    fc.assert(
      fc.property(header, (text) => {
        try {
          expect(tokenUrlOf(text)).toMatch(/^https?:/);
        } catch (error) {
          expect(error).toBeInstanceOf(UcwaError);
        }
      }),
    ));
});
