import { describe, expect, it } from 'vitest';
import { SignInUnjudgedError } from '../../../../../shared/ucwa/errors.ts';
import { readToken, tokenRequest } from '../../../../../shared/ucwa/sign-in/token.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

/** Reads a response of the token service. Throws what it means if it is not a token. */
function readText(status: number, text: string) {
  const answer = readToken(responseWith({ status, text, headers: { 'retry-after': '7' } }));
  if (!answer.ok) throw answer.error;
  return answer.value;
}

const read = (status: number, content: unknown) => readText(status, JSON.stringify(content));

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
    { access_token: 'a'.repeat(16_385) },
    { Access_Token: 'cwt=A' },
    [],
    null,
  ])('finds none in %j, which is no verdict', (content) => {
    expect(() => read(200, content)).toThrow(SignInUnjudgedError);
  });

  it.each([
    ['nothing', '', 'UnexpectedContentError'],
    ['a sign-in page', '<html><form></form></html>', 'FrontAnswerError'],
    ['JSON that was cut off', '{"access_token":"cwt=A', 'UnexpectedContentError'],
  ])('finds none in %s, which is no verdict', (_name, text, name) => {
    expect(() => readText(200, text)).toThrow(
      expect.objectContaining({
        name: 'SignInUnjudgedError',
        cause: expect.objectContaining({ name }),
      }),
    );
  });
});

const passive = { ms_rtc_passiveauthuri: 'https://adfs.contoso.com/' };
const html = '<!DOCTYPE html><html><body><h1>Bad Request</h1></body></html>';
const ucwaXml =
  '<reason xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa"><code>BadRequest</code></reason>';

describe('a verdict of the token service', () => {
  it.each([
    [400, { error: 'invalid_grant' }, 'PasswordRefusedError'],
    [403, { error: 'invalid_grant' }, 'PasswordRefusedError'],
    [400, { error: 'Invalid_Grant' }, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', ms_rtc_passiveauthuri: null }, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', ms_rtc_passiveauthuri: '' }, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', error_description: 'Bad.' }, 'PasswordRefusedError'],
    [401, { error: 'invalid_grant' }, 'PasswordRefusedError'],
    [401, { error: 'invalid_grant', ...passive }, 'PasswordRefusedError'],
    [401, { error: 'unsupported_grant_type' }, 'PasswordRefusedError'],
    [401, { error: 'server_error' }, 'PasswordRefusedError'],
    [401, {}, 'PasswordRefusedError'],
    [400, { error: 'invalid_grant', ...passive }, 'SignInUnsupportedError'],
    [403, { error: 'invalid_grant', ...passive }, 'SignInUnsupportedError'],
    [400, { error: 'unsupported_grant_type' }, 'SignInUnsupportedError'],
    [403, { error: 'unsupported_grant_type' }, 'SignInUnsupportedError'],
  ])('with %i %j is a %s', (status, content, name) => {
    expect(() => read(status, content)).toThrow(expect.objectContaining({ name }));
  });

  it.each([
    ['401 with a page is a refusal', 401, html, 'PasswordRefusedError'],
    ['401 without a body is a refusal', 401, '', 'PasswordRefusedError'],
    ['400 with a page means that the user is not known', 400, html, 'UserUnknownError'],
    ['400 with a plain text means that the user is not known', 400, 'Bad Request', 'UserUnknownError'],
  ])('%s', (_name, status, text, name) => {
    expect(() => readText(status, text)).toThrow(expect.objectContaining({ name, step: 'token' }));
  });

  it('that is a refusal has the status and the diagnosis of the response', () => {
    const headers = { 'x-ms-diagnostics': '28020;reason="The account is disabled."' };
    expect(
      readToken(responseWith({ status: 403, text: '{"error":"invalid_grant"}', headers })),
    ).toMatchObject({
      error: { status: 403, diagnosis: headers },
    });
  });
});

describe('a response of the token service that is no verdict', () => {
  it.each([
    [400, { error: 'server_error' }, 'server_error'],
    [400, { error: 'invalid_request', ...passive }, 'invalid_request'],
    [400, { error: 'Oops, CONTOSO\\alice' }, undefined],
    [400, {}, undefined],
    [400, 'invalid_grant', undefined],
    [400, [{ error: 'invalid_grant' }], undefined],
    [403, {}, undefined],
    [404, { code: 'ResourceNotFound' }, 'ResourceNotFound'],
    [429, { code: 'TooManyRequests' }, 'TooManyRequests'],
    [500, { error: 'invalid_grant' }, 'invalid_grant'],
    [500, { error: 'unsupported_grant_type' }, 'unsupported_grant_type'],
    [503, { code: 'ServiceUnavailable' }, 'ServiceUnavailable'],
    [302, '', undefined],
    [204, '', undefined],
  ])('with %i %j has the status, the code %s and Retry-After', async (status, content, code) => {
    const failure = await failureOf(Promise.resolve().then(() => read(status, content)));
    expect(failure).toMatchObject({
      name: 'SignInUnjudgedError',
      step: 'token',
      status,
      retryAfter: '7',
      cause: { name: 'UcwaResponseError', status, code },
    });
  });

  it.each([
    ['403 with a page', 403, html],
    ['403 without a body', 403, ''],
    ['400 without a body', 400, ''],
    ['400 with blanks', 400, ' \r\n'],
    ['400 with JSON that was cut off', 400, '\uFEFF {"error":"invalid_gr'],
    ['400 with an error of UCWA in XML', 400, ucwaXml],
    ['400 with an error of UCWA in XML that was cut off', 400, ucwaXml.slice(0, -10)],
    ['500 with a page', 500, html],
    ['503 without a body', 503, ''],
    ['302 with a page', 302, html],
    ['404 with a page', 404, html],
  ])('is %s', (_name, status, text) => {
    expect(() => readText(status, text)).toThrow(
      expect.objectContaining({ name: 'SignInUnjudgedError', status }),
    );
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
