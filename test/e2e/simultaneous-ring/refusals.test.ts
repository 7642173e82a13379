import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { localUser, System } from '../../support/e2e/system.ts';

const number = '+1 (425) 555-0123';
const problemSchema = z.object({ errors: z.array(z.object({ pointer: z.string() })) });

let system: System;

beforeAll(async () => {
  system = await System.start([
    localUser('good@bad.example'),
    localUser('voiceless@bad.example', { enterpriseVoice: false }),
    localUser('secretless@bad.example', { secret: false }),
    localUser('wrong@bad.example'),
  ]);
});

afterEach(() => system.expectAgreement());
afterAll(() => system?.stop());

describe('an invalid request', () => {
  it('is refused with a JSON pointer to every error in its body', async () => {
    const response = await system.ring('PUT', 'good@elsewhere.example', {
      target: 'see business card',
      ringDelaySeconds: 99,
      colour: 'red',
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const pointers = problemSchema.parse(response.body).errors.map(({ pointer }) => pointer);
    expect(pointers.sort()).toEqual(['/colour', '/ringDelaySeconds', '/target', '/user']);
  });

  it.each([
    ['truncated JSON', '{"target": '],
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '7'],
  ])('is refused where its body is %s', async (_name, body) => {
    const response = await system.ring('PUT', 'good@bad.example', body);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'invalid-request' });
  });

  it('is refused where its body exceeds 16 KiB', async () => {
    const response = await system.ring('PUT', 'good@bad.example', { target: 'x'.repeat(17_000) });
    expect(response.status).toBe(413);
    expect(response.body).toMatchObject({ code: 'too-large' });
  });

  it.each([
    'alice',
    'a%40b',
    'a@b@bad.example',
    '%2e%2e@bad.example%00',
    'good%2540bad.example',
    'a%2Fb@bad.example',
  ])('is refused with 400 where its user is %s', async (user) => {
    const response = await system.ring('GET', user);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/user' }] });
  });

  it('is refused with 403 where the dial rules do not allow its target', async () => {
    const own = await system.ring('PUT', 'good@bad.example', { target: 'sip:GOOD@bad.example' });
    expect(own.status).toBe(403);
    expect(own.body).toMatchObject({ code: 'target-not-allowed' });
  });

  it.each([
    ['in the query of PUT', 'PUT', '?dryRun=true', { target: number }, '/dryRun'],
    ['in the query of DELETE', 'DELETE', '?dryRun=true', undefined, '/dryRun'],
    ['in a body of DELETE', 'DELETE', '', { dryRun: true }, ''],
  ])(
    'is refused without a request to UCWA where dryRun is %s, with a hint',
    async (_name, method, query, body, pointer) => {
      const path = `/api/users/good@bad.example/simultaneous-ring${query}`;
      const requestsBefore = system.services.ucwa.requests.length;
      const response = await system.call(method, path, body);
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
      expect(system.services.ucwa.requests.length).toBe(requestsBefore);
    },
  );

  it('is refused with a hint at Content-Length where it has no body', async () => {
    const response = await system.call('PUT', '/api/users/alice@contoso.com/simultaneous-ring');
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ detail: expect.stringContaining('Content-Length') });
  });
});

describe('a change that is refused for good', () => {
  it('returns user-not-enabled for a user without Enterprise Voice', async () => {
    const response = await system.ring('PUT', 'voiceless@bad.example', { target: number });
    expect(response.status).toBe(422);
    expect(response.body).toMatchObject({ code: 'user-not-enabled', user: 'sip:voiceless@bad.example' });
  });

  it('returns the name of the missing secret', async () => {
    const response = await system.ring('GET', 'secretless@bad.example');
    expect(response.status).toBe(424);
    expect(response.body).toMatchObject({
      code: 'credential-missing',
      detail: expect.stringContaining('ucwa-secretless-40bad-2eexample'),
    });
    expect(response.headers.get('retry-after')).toBeNull();
  });

  it('never sends a refused password again, until the secret is set again', async () => {
    const { ucwa, vault } = system.services;
    ucwa.setPassword('sip:wrong@bad.example', 'changed on the server');
    const refused = await system.ring('PUT', 'wrong@bad.example', { target: number });
    const again = await system.ring('GET', 'wrong@bad.example');
    expect([refused.status, again.status]).toEqual([424, 424]);
    expect(again.body).toMatchObject({ code: 'credential-rejected' });
    expect(
      ucwa.requests.filter(({ step, username }) => step === 'token' && username === 'CORP\\wrong'),
    ).toHaveLength(1);
    const secret = JSON.stringify({ username: 'CORP\\wrong', password: 'changed on the server' });
    vault.setSecret('ucwa-wrong-40bad-2eexample', secret);
    expect((await system.ring('PUT', 'wrong@bad.example', { target: number })).body).toMatchObject({
      outcome: 'applied',
    });
  });
});
