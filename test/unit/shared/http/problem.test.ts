import { describe, expect, it } from 'vitest';
import { problem } from '../../../../shared/http/problem.ts';
import { outcomeResponse } from '../../../../shared/http/response.ts';
import { type FailureCode, failureCodes } from '../../../../shared/ring/model/failure-code.ts';
import { outcomeOf } from '../../../support/ring/outcomes.ts';

const statuses: Readonly<Record<FailureCode, number>> = {
  'invalid-request': 400,
  unauthenticated: 401,
  'user-not-allowed': 403,
  'target-not-allowed': 403,
  'batch-not-found': 404,
  'batch-exists': 409,
  'batch-finished': 409,
  'batch-not-finished': 409,
  superseded: 409,
  'too-large': 413,
  'user-not-enabled': 422,
  'user-not-found': 422,
  'ucwa-rejected': 422,
  'not-effective': 422,
  'previous-unknown': 422,
  'credential-missing': 424,
  'credential-invalid': 424,
  'credential-rejected': 424,
  'identity-mismatch': 424,
  'sign-in-unsupported': 424,
  misconfigured: 503,
  busy: 503,
  interrupted: 503,
  'ucwa-unavailable': 503,
  'vault-unavailable': 503,
  'storage-unavailable': 503,
};

describe('a problem', () => {
  it.each(failureCodes)('with the code %s has its status, in the response and in the body', (code) => {
    const { status, body } = problem(code, { detail: 'It failed.', correlationId: 'c-1' });
    expect(status).toBe(statuses[code]);
    expect(JSON.parse(String(body))).toEqual({
      type: `urn:simultaneous-ring:problem:${code}`,
      title: expect.stringMatching(/^[A-Z].{8,}[a-z]$/),
      status: statuses[code],
      detail: 'It failed.',
      code,
      correlationId: 'c-1',
    });
  });

  it('contains the user, each validation issue and the error of UCWA when there are any', () => {
    const members = {
      user: 'sip:alice@contoso.com',
      errors: [{ pointer: '/target', detail: 'It is not a number.' }],
      ucwa: { status: 409, code: 'Conflict', subcode: 'TooManyGroups' },
    };
    const { headers, body } = problem('ucwa-rejected', { detail: 'x', correlationId: 'c-1', ...members });
    expect(JSON.parse(String(body))).toMatchObject(members);
    expect(headers).toEqual({ 'content-type': 'application/problem+json', 'x-correlation-id': 'c-1' });
  });

  it('says in Retry-After when to try again, and not in the body', () => {
    const response = problem('ucwa-unavailable', {
      detail: 'x',
      correlationId: 'c-1',
      retryAfterSeconds: 30,
    });
    expect(response.headers).toMatchObject({ 'retry-after': '30' });
    expect(String(response.body)).not.toContain('retry');
  });
});

describe('the response for an outcome', () => {
  it.each(['applied', 'unchanged'] as const)('is 200 with the outcome when that is %s', (name) => {
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
  ] as const)('is a problem when the outcome is %s with the code %s: status %i', (name, code, status) => {
    const ucwa = { status: 500, code: 'ServiceFailure' };
    const response = outcomeResponse(outcomeOf(name, { code, detail: 'It failed.', ucwa }), 30);
    expect(response.status).toBe(status);
    expect(response.headers).toMatchObject({ 'retry-after': '30' });
    expect(JSON.parse(String(response.body))).toMatchObject({
      code,
      detail: 'It failed.',
      user: 'sip:alice@contoso.com',
      ucwa,
      correlationId: 'c-1',
    });
  });
});
