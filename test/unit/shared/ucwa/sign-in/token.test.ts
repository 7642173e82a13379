import { describe, expect, it } from 'vitest';
import { UnexpectedContentError } from '../../../../../shared/ucwa/errors.ts';
import { readToken, tokenRequest } from '../../../../../shared/ucwa/sign-in/token.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

const read = (status: number, content: unknown) =>
  readToken(responseWith({ status, text: JSON.stringify(content) }));

describe('reading a token', () => {
  it.each([
    ['with its lifetime as a number', { expires_in: 28_364 }, 28_364],
    ['with its lifetime as text', { expires_in: '28364' }, 28_364],
    ['without a lifetime', {}, 3600],
    ['with an invalid lifetime', { expires_in: 'long' }, 3600],
    ['that has expired already', { expires_in: 0 }, 0],
  ])('accepts one %s', (_name, content, expiresInSeconds) => {
    expect(read(200, { access_token: 'cwt=A-B_c/d+e==', ...content })).toEqual({
      value: 'cwt=A-B_c/d+e==',
      expiresInSeconds,
    });
  });

  it.each([
    {},
    { access_token: '' },
    { access_token: 7 },
    { access_token: 'a b' },
    { access_token: 'a\nb' },
    [],
    null,
  ])('finds none in %j', (content) => {
    expect(() => read(200, content)).toThrow(UnexpectedContentError);
  });
});

describe('a refusal by the token endpoint', () => {
  const passive = { ms_rtc_passiveauthuri: 'https://adfs.contoso.com/' };
  it.each([
    [400, { error: 'invalid_grant' }, 'PasswordRefusedError'],
    [401, { error: 'invalid_grant' }, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', ms_rtc_passiveauthuri: null }, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', error_description: 'Bad.' }, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', ...passive }, 'SignInUnsupportedError'],
    [400, { error: 'unsupported_grant_type' }, 'SignInUnsupportedError'],
    [400, { error: 'server_error' }, 'UcwaResponseError'],
    [400, { error: 'invalid_request', ...passive }, 'UcwaResponseError'],
    [400, {}, 'UcwaResponseError'],
    [400, 'invalid_grant', 'UcwaResponseError'],
    [403, { error: 'invalid_grant' }, 'UcwaResponseError'],
    [500, { error: 'invalid_grant' }, 'UcwaResponseError'],
    [503, { code: 'ServiceUnavailable' }, 'UcwaResponseError'],
    [302, '', 'UcwaResponseError'],
  ])('with %i %j is a %s', (status, content, name) => {
    expect(() => read(status, content)).toThrow(expect.objectContaining({ name }));
  });

  it.each([
    [400, { error: 'server_error' }, 'server_error'],
    [400, { error: 'Oops, CONTOSO\\alice' }, undefined],
    [503, { code: 'ServiceUnavailable' }, 'ServiceUnavailable'],
  ])('with %i %j has the code %s', async (status, content, code) => {
    const failure = await failureOf(Promise.resolve().then(() => read(status, content)));
    expect(failure).toMatchObject({ status, code });
  });
});

describe('the request for a token', () => {
  it('is a form in which every character of the password is encoded', () => {
    const url = new URL('https://pool.contoso.com/WebTicket/oauthtoken');
    const { form } = tokenRequest(url, { username: 'CONTOSO\\älice', password: 'a&b=c+d e%' });
    expect(form?.toString()).toBe(
      'grant_type=password&username=CONTOSO%5C%C3%A4lice&password=a%26b%3Dc%2Bd+e%25',
    );
  });
});
