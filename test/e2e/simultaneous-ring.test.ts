import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localUser, System } from '../support/e2e/system.ts';

const number = '+1 (425) 555-0123';
const tel = 'tel:+14255550123';
const jsonOf = (answer: { body: unknown }) => answer.body;

let system: System;

beforeAll(async () => {
  system = await System.start([
    localUser('first@counts.example'),
    localUser('second@counts.example'),
    localUser('again@again.example'),
    localUser('change@change.example'),
    localUser('off@off.example'),
    localUser('unanswered@off.example'),
    localUser('forward@off.example'),
    localUser('dry@dry.example'),
    localUser('peer@sip.example'),
    localUser('wisher@sip.example'),
    localUser('delegates@group.example'),
    localUser('voiceless@bad.example', { enterpriseVoice: false }),
    localUser('secretless@bad.example', { secret: false }),
    localUser('good@bad.example'),
    localUser('wrong@bad.example'),
    localUser('trace@trace.example'),
  ]);
});

afterAll(() => system?.stop());

describe('PUT', () => {
  it('takes ten requests for the first user of a domain and eight for the next, with proof', async () => {
    const first = await system.ring('PUT', 'first@counts.example', { target: number });
    const second = await system.ring('PUT', 'second@counts.example', { target: number });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      user: 'sip:first@counts.example',
      outcome: 'applied',
      ring: 'contact',
      target: tel,
      previous: { ring: 'off' },
      verified: true,
      attempts: 1,
      recovery: [],
      requests: 10,
      correlationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(second.body).toMatchObject({ outcome: 'applied', verified: true, requests: 8 });
    expect(system.services.ucwa.state('sip:second@counts.example')).toMatchObject({
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Contact', contact: tel },
    });
    expect(system.services.ucwa.applications('sip:first@counts.example')).toBe(0);
  });

  it('answers unchanged without a ring POST on the wire when it is already so', async () => {
    await system.ring('PUT', 'again@again.example', { target: number });
    const again = await system.ring('PUT', 'again@again.example', { target: tel });
    expect(again.body).toMatchObject({
      outcome: 'unchanged',
      verified: true,
      previous: { ring: 'contact', target: tel },
    });
    expect(system.count('write', 'again@again.example')).toBe(1);
  });

  it('takes at most seven requests soon after for the same user, whose other contact is looked at first', async () => {
    await system.ring('PUT', 'change@change.example', { target: number });
    const changed = await system.ring('PUT', 'change@change.example', { target: '+44 20 7946 0018' });
    expect(changed.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      requests: 7,
      previous: { target: tel },
    });
    await system.ring('DELETE', 'change@change.example');
    const afterOff = await system.ring('PUT', 'change@change.example', { target: number });
    expect(afterOff.body).toMatchObject({ outcome: 'applied', requests: 6 });
  });

  it('writes nothing with dryRun and says what would happen', async () => {
    const rehearsed = await system.ring('PUT', 'dry@dry.example', { target: number, dryRun: true });
    expect(rehearsed.body).toMatchObject({
      outcome: 'unchanged',
      dryRun: true,
      would: 'apply',
      previous: { ring: 'off' },
    });
    expect(system.count('write', 'dry@dry.example')).toBe(0);
    expect(system.services.ucwa.state('sip:dry@dry.example').activeSetting).toBe('None');
  });

  it('rings a colleague by SIP address, lower-cased', async () => {
    const answer = await system.ring('PUT', 'wisher@sip.example', { target: 'SIP:Peer@SIP.example' });
    expect(answer.body).toMatchObject({ outcome: 'applied', verified: true, target: 'sip:peer@sip.example' });
  });

  it('rings delegates after a delay', async () => {
    const answer = await system.ring('PUT', 'delegates@group.example', {
      ring: 'delegates',
      ringDelaySeconds: 15,
    });
    expect(answer.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      ring: 'delegates',
      ringDelaySeconds: 15,
    });
  });

  it('ends an immediate forward and says so', async () => {
    const state = {
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Contact', contact: tel },
    } as const;
    system.services.ucwa.setState('sip:good@bad.example', state);
    const answer = await system.ring('PUT', 'good@bad.example', { target: '+44 20 7946 0018' });
    expect(answer.body).toMatchObject({
      outcome: 'applied',
      previous: { ring: 'off', forwarding: { target: tel } },
    });
  });
});

describe('GET and DELETE', () => {
  it('GET tells what is set, DELETE turns it off and proves it, a second DELETE changes nothing', async () => {
    await system.ring('PUT', 'off@off.example', { target: number });
    expect(jsonOf(await system.ring('GET', 'off@off.example'))).toEqual({
      user: 'sip:off@off.example',
      ring: 'contact',
      target: tel,
    });
    const off = await system.ring('DELETE', 'off@off.example');
    expect(off.body).toMatchObject({
      outcome: 'applied',
      ring: 'off',
      verified: true,
      previous: { ring: 'contact', target: tel },
    });
    expect(jsonOf(await system.ring('GET', 'off@off.example'))).toEqual({
      user: 'sip:off@off.example',
      ring: 'off',
    });
    expect((await system.ring('DELETE', 'off@off.example')).body).toMatchObject({ outcome: 'unchanged' });
  });

  it('DELETE leaves an immediate forward alone', async () => {
    const state = {
      activeSetting: 'ImmediateForward',
      immediateForward: { target: 'Contact', contact: tel },
    } as const;
    system.services.ucwa.setState('sip:forward@off.example', state);
    const off = await system.ring('DELETE', 'forward@off.example');
    expect(off.body).toMatchObject({
      outcome: 'unchanged',
      previous: { ring: 'off', forwarding: { target: tel } },
    });
    expect(system.services.ucwa.state('sip:forward@off.example').activeSetting).toBe('ImmediateForward');
  });

  it('DELETE gives unanswered calls their own target back, with its delay', async () => {
    system.services.ucwa.setState('sip:unanswered@off.example', {
      activeSetting: 'SimultaneousRing',
      simultaneousRing: { target: 'Contact', ringDelay: 0, contact: tel },
      unanswered: { target: 'Contact', ringDelay: 25, contact: 'tel:+442079460018' },
    });
    const off = await system.ring('DELETE', 'unanswered@off.example');
    expect(off.body).toMatchObject({
      outcome: 'applied',
      verified: true,
      previous: { unanswered: { target: 'tel:+442079460018', ringDelaySeconds: 25 } },
    });
    expect(system.services.ucwa.state('sip:unanswered@off.example')).toMatchObject({
      activeSetting: 'None',
      unanswered: { target: 'Contact', ringDelay: 25, contact: 'tel:+442079460018' },
    });
  });
});

describe('bad input and refusals', () => {
  it('names every mistake of a body by JSON pointer', async () => {
    const answer = await system.ring('PUT', 'good@elsewhere.example', {
      target: 'see business card',
      ringDelaySeconds: 99,
      colour: 'red',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const pointers = (answer.body as { errors: { pointer: string }[] }).errors
      .map(({ pointer }) => pointer)
      .sort();
    expect(pointers).toEqual(['/colour', '/ringDelaySeconds', '/target', '/user']);
  });

  it.each([
    ['no JSON', '{"target": '],
    ['an array', '[]'],
    ['null', 'null'],
    ['a number', '7'],
  ])('refuses a body that is %s', async (_, body) => {
    const answer = await system.ring('PUT', 'good@bad.example', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid-request' });
  });

  it('refuses a body over 16 KiB', async () => {
    const answer = await system.ring('PUT', 'good@bad.example', { target: 'x'.repeat(17_000) });
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({ code: 'too-large' });
  });

  it.each([
    'alice',
    'a%40b',
    'a@b@bad.example',
    '%2e%2e@bad.example%00',
    'good%2540bad.example',
    'a%2Fb@bad.example',
  ])('refuses the user %s with 400', async (user) => {
    const answer = await system.ring('GET', user);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer: '/user' }] });
  });

  it('refuses a target that the rules do not allow with 403', async () => {
    const own = await system.ring('PUT', 'good@bad.example', { target: 'sip:GOOD@bad.example' });
    expect(own.status).toBe(403);
    expect(own.body).toMatchObject({ code: 'target-not-allowed' });
  });

  it.each([
    ['a parameter of PUT', 'PUT', '?dryRun=true', { target: number }, '/dryRun'],
    ['a parameter of DELETE', 'DELETE', '?dryRun=true', undefined, '/dryRun'],
    ['a body of DELETE', 'DELETE', '', { dryRun: true }, ''],
  ])(
    'changes nothing where a dry run is asked for by %s, and says how',
    async (_by, method, query, body, pointer) => {
      const path = `/api/users/good@bad.example/simultaneous-ring${query}`;
      const asked = system.services.ucwa.requests.length;
      const answer = await system.call(method, path, body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
      expect(system.services.ucwa.requests.length).toBe(asked);
    },
  );

  it('says that a body is missing, and how one is sent', async () => {
    const answer = await system.call('PUT', '/api/users/alice@contoso.com/simultaneous-ring');
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ detail: expect.stringContaining('Content-Length') });
  });

  it('tells a user without Enterprise Voice', async () => {
    const answer = await system.ring('PUT', 'voiceless@bad.example', { target: number });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'user-not-enabled', user: 'sip:voiceless@bad.example' });
  });

  it('names the secret that is missing', async () => {
    const answer = await system.ring('GET', 'secretless@bad.example');
    expect(answer.status).toBe(424);
    expect(answer.body).toMatchObject({
      code: 'credential-missing',
      detail: expect.stringContaining('ucwa-secretless-40bad-2eexample'),
    });
    expect(answer.headers.get('retry-after')).toBeNull();
  });

  it('never sends a refused password again, until the secret is set anew', async () => {
    system.services.ucwa.setPassword('sip:wrong@bad.example', 'changed on the server');
    const refused = await system.ring('PUT', 'wrong@bad.example', { target: number });
    const again = await system.ring('GET', 'wrong@bad.example');
    expect([refused.status, again.status]).toEqual([424, 424]);
    expect(again.body).toMatchObject({ code: 'credential-rejected' });
    expect(
      system.services.ucwa.requests.filter(
        ({ step, username }) => step === 'token' && username === 'CORP\\wrong',
      ),
    ).toHaveLength(1);
    const secret = JSON.stringify({ username: 'CORP\\wrong', password: 'changed on the server' });
    system.services.vault.setSecret('ucwa-wrong-40bad-2eexample', secret);
    expect((await system.ring('PUT', 'wrong@bad.example', { target: number })).body).toMatchObject({
      outcome: 'applied',
    });
  });
});

describe('correlation', () => {
  it('carries the id of the caller to UCWA and back', async () => {
    const path = '/api/users/trace@trace.example/simultaneous-ring';
    const answer = await system.call('GET', path, undefined, { 'x-correlation-id': 'ticket-4711' });
    expect(answer.headers.get('x-correlation-id')).toBe('ticket-4711');
    const ids = system.services.ucwa.requests
      .filter(({ user }) => user === 'sip:trace@trace.example')
      .map(({ correlationId }) => correlationId);
    expect(ids.length).toBeGreaterThan(3);
    expect(new Set(ids)).toEqual(new Set(['ticket-4711']));
  });

  it('replaces an id that is not well-formed', async () => {
    const path = '/api/bulk/none';
    const answer = await system.call('GET', path, undefined, { 'x-correlation-id': 'a b\tc' });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).toMatchObject({ code: 'batch-not-found' });
  });
});
