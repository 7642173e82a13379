import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnexpectedContentError } from '../../../../../shared/ucwa/errors.ts';
import { readTokenUrl } from '../../../../../shared/ucwa/sign-in/challenge.ts';
import { challengeWords } from '../../../../../shared/ucwa/sign-in/challenge-words.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

/** Returns the words of a header, a parameter as `name=value`. */
function wordsOf(header: string): string[] {
  return [...challengeWords(header)].map(({ name, value }) =>
    value === undefined ? name : `${name}=${value}`,
  );
}

describe('the words of a challenge', () => {
  it.each([
    ['Negotiate', ['negotiate']],
    ['Negotiate, NTLM', ['negotiate', 'ntlm']],
    ['Bearer realm="a b, c=d",ID=7', ['bearer', 'realm=a b, c=d', 'id=7']],
    ['Bearer realm = "a" , id = 7', ['bearer', 'realm=a', 'id=7']],
    ['Negotiate oYG2MIGz/oAMKAQ+ab==, MsRtcOAuth href=/t', ['negotiate', 'msrtcoauth', 'href=/t']],
    ['Negotiate TlRMTVNTUAAC==, NTLM', ['negotiate', 'tlrmtvntuaac==', 'ntlm']],
    ['Bearer "MsRtcOAuth href=/t", NTLM', ['bearer', 'ntlm']],
    ['Bearer realm="MsRtcOAuth href=/t', ['bearer', 'realm=']],
    ['Bearer realm=, id=', ['bearer', 'realm=', 'id=']],
    ['Bearer 7=8, =9, ,', ['bearer']],
    ['', []],
    [' ,\t, ', []],
  ])('in %j are %j', (header, expected) => {
    expect(wordsOf(header)).toEqual(expected);
  });

  it('are names in lower case, whatever the header', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z=", /-]*$/)), (header) => {
        for (const { name } of challengeWords(header)) expect(name).toMatch(/^[a-z][\w-]*$/);
      }),
    ));
});

describe('the href of a challenge', () => {
  it.each(['href=""', 'href=', 'href="https://pool.contoso.com/token', 'href="', 'href=" "'])(
    'cannot be empty or cut off: %s',
    (parameter) => {
      const headers = { 'www-authenticate': `MsRtcOAuth grant_type="password",${parameter}` };
      expect(() => readTokenUrl(responseWith({ status: 401, headers }))).toThrow(UnexpectedContentError);
    },
  );
});
