import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { readJsonBody } from '../../../../shared/http/body.ts';
import { problem } from '../../../../shared/http/problem.ts';
import { outcomeResponse } from '../../../../shared/http/response.ts';
import { type FailureCode, failureCodes } from '../../../../shared/ring/model/failure-code.ts';
import { failed, success } from '../../../../shared/runtime/result.ts';
import { outcomeOf } from '../../../support/ring/outcomes.ts';

const statuses: Readonly<Record<FailureCode, number>> = {
  'invalid-request': 400,
  'target-not-allowed': 403,
  'batch-not-found': 404,
  'batch-exists': 409,
  superseded: 409,
  'too-large': 413,
  'user-not-enabled': 422,
  'ucwa-rejected': 422,
  'not-effective': 422,
  'credential-missing': 424,
  'credential-invalid': 424,
  'credential-rejected': 424,
  'identity-mismatch': 424,
  'sign-in-unsupported': 424,
  misconfigured: 503,
  'ucwa-unavailable': 503,
  'vault-unavailable': 503,
  'storage-unavailable': 503,
};

describe('a problem', () => {
  it.each(failureCodes)('%s has its status, in the header and in the body', (code) => {
    const { status, body } = problem(code, { detail: 'So it is.', correlationId: 'c-1' });
    expect(status).toBe(statuses[code]);
    expect(JSON.parse(String(body))).toEqual({
      type: `urn:simultaneous-ring:problem:${code}`,
      title: expect.stringMatching(/^[A-Z].{8,}[a-z]$/),
      status: statuses[code],
      detail: 'So it is.',
      code,
      correlationId: 'c-1',
    });
  });

  it('carries the user, each mistake and what UCWA said where they apply', () => {
    const more = {
      user: 'sip:alice@contoso.com',
      errors: [{ pointer: '/target', detail: 'It is no number.' }],
      ucwa: { status: 409, code: 'Conflict', subcode: 'TooManyGroups' },
    };
    const { headers, body } = problem('ucwa-rejected', { detail: 'x', correlationId: 'c-1', ...more });
    expect(JSON.parse(String(body))).toMatchObject(more);
    expect(headers).toEqual({ 'content-type': 'application/problem+json', 'x-correlation-id': 'c-1' });
  });

  it('says when to come back in a header alone', () => {
    const answer = problem('ucwa-unavailable', { detail: 'x', correlationId: 'c-1', retryAfterSeconds: 30 });
    expect(answer.headers).toMatchObject({ 'retry-after': '30' });
    expect(String(answer.body)).not.toContain('retry');
  });
});

describe('the answer for an outcome', () => {
  it.each(['applied', 'unchanged'] as const)('that is %s is 200 and the outcome', (name) => {
    const outcome = outcomeOf(name, { ring: 'off', verified: true });
    const { status, headers, body } = outcomeResponse(outcome);
    expect(status).toBe(200);
    expect(headers).toEqual({ 'content-type': 'application/json', 'x-correlation-id': 'c-1' });
    expect(JSON.parse(String(body))).toEqual(outcome);
  });

  it.each([
    ['superseded', 'superseded', 409],
    ['failed', 'credential-rejected', 424],
    ['rejected', 'target-not-allowed', 403],
    ['deferred', 'ucwa-unavailable', 503],
  ] as const)('that is %s as %s is a problem of %i', (name, code, status) => {
    const ucwa = { status: 500, code: 'ServiceFailure' };
    const answer = outcomeResponse(outcomeOf(name, { code, detail: 'So it is.', ucwa }), 30);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({ 'retry-after': '30' });
    expect(JSON.parse(String(answer.body))).toMatchObject({
      code,
      detail: 'So it is.',
      user: 'sip:alice@contoso.com',
      ucwa,
      correlationId: 'c-1',
    });
  });
});

describe('the body of a request', () => {
  const read = (string: string, headers: Record<string, string> = {}) =>
    readJsonBody(
      new HttpRequest({ method: 'PUT', url: 'http://127.0.0.1/', body: { string }, headers }),
      100,
    );

  it.each<[string, string, unknown]>([
    ['JSON', '{"ring":"team"}', { ring: 'team' }],
    ['JSON behind a byte order mark', '\ufeff{"ring":"team"}', { ring: 'team' }],
    ['null', 'null', null],
  ])('is read: %s', async (_what, text, content) => {
    expect(await read(text)).toEqual(success(content));
  });

  it.each(['', ' \n'])('is empty: %j', async (text) => {
    expect(await read(text)).toEqual(failed('empty'));
  });

  it.each(['{"ring":', "{'ring':'team'}", 'ring=team'])('is no JSON: %j', async (text) => {
    expect(await read(text)).toEqual(failed('not-json'));
  });

  it('is too large over its limit in bytes, not in letters, and where it says so itself', async () => {
    expect(await read(JSON.stringify('x'.repeat(98)))).toEqual(success('x'.repeat(98)));
    expect(await read(JSON.stringify('x'.repeat(99)))).toEqual(failed('too-large'));
    expect(await read(JSON.stringify('é'.repeat(50)))).toEqual(failed('too-large'));
    expect(await read('{}', { 'content-length': '101' })).toEqual(failed('too-large'));
  });
});
