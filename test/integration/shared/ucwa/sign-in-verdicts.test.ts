import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../../shared/runtime/clock.ts';
import type { PasswordSource } from '../../../../shared/ucwa/sign-in/token.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { openClient, openSession } from '../../../support/ucwa/client.ts';
import { failureOf, textOf } from '../../../support/ucwa/error-text.ts';
import { serve } from '../../../support/ucwa/http-server.ts';
import {
  challenge,
  type Script,
  scriptedToken,
  startScriptedPool,
} from '../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';
import { alice } from '../../../support/ucwa/users.ts';

type Event = 'read' | 'sent' | 'verdict';

/** Returns Alice's password, and what its source was told, in order. */
function watchedPassword(): { credential: PasswordSource; events: Event[] } {
  const events: Event[] = [];
  const credential: PasswordSource = {
    read: async () => {
      events.push('read');
      return alice;
    },
    onSent: () => void events.push('sent'),
    onVerdict: () => void events.push('verdict'),
  };
  return { credential, events };
}

/** Signs in once on a pool whose token service responds so. */
async function signIn(script: Script) {
  const { credential, events } = watchedPassword();
  const pool = await startScriptedPool({ 'POST /token': script });
  const session = openSession(openClient(pool), alice, { credential });
  const failure = await session.callForwarding.readSettings().then(
    () => undefined,
    (error: unknown) => error,
  );
  const sends = pool.requests.filter((line) => line === 'POST /token').length;
  return { failure, events, sends };
}

const page = { 'content-type': 'text/html' };
const json = (error: string, more: object = {}) => ({ json: { error, ...more } });
const passive = { ms_rtc_passiveauthuri: 'https://fs.contoso.com/' };
const refused = { name: 'PasswordRefusedError' };
const unsupported = { name: 'SignInUnsupportedError' };
const unknown = { name: 'UserUnknownError' };
const unjudged = { name: 'SignInUnjudgedError' };

describe('a response of the token service that is a verdict', () => {
  // biome-ignore format: a table reads by its rows
  it.each<[string, Script, object | undefined]>([
    ['a token',                                   { json: { access_token: scriptedToken, expires_in: 3600 } }, undefined],
    ['400 invalid_grant',                         { status: 400, ...json('invalid_grant') },                   refused],
    ['403 invalid_grant',                         { status: 403, ...json('invalid_grant') },                   refused],
    ['401 invalid_grant',                         { status: 401, ...json('invalid_grant') },                   refused],
    ['401 with a page',                           { status: 401, headers: page, body: '<html></html>' },       refused],
    ['401 without a body',                        { status: 401 },                                             refused],
    ['400 invalid_grant where AD FS is required', { status: 400, ...json('invalid_grant', passive) },          unsupported],
    ['400 unsupported_grant_type',                { status: 400, ...json('unsupported_grant_type') },          unsupported],
    ['400 with a page',                           { status: 400, headers: page, body: '<h2>Bad Request</h2>' }, unknown],
  ])('%s, is told once to the source of the password, which is sent once', async (_name, script, expected) => {
    const { failure, events, sends } = await signIn(script);
    expect(failure).toEqual(expected && expect.objectContaining(expected));
    expect(events).toEqual(['read', 'sent', 'verdict']);
    expect(sends).toBe(1);
  });
});

const reset: Script = (request) => void request.socket.destroy();
const resetInBody: Script = (request, response) => {
  response.writeHead(200, { 'content-length': '100' }).write('{', () => request.socket.destroy());
};

describe('an end of a token request without a verdict', () => {
  // biome-ignore format: a table reads by its rows
  it.each<[string, Script, number | undefined]>([
    ['200 with a sign-in page',       { status: 200, headers: page, body: '<form></form>' },         undefined],
    ['200 without a token',           { status: 200, json: {} },                                     undefined],
    ['302 to a sign-in page',         { status: 302, headers: { location: '/login' } },              302],
    ['302 to a Microsoft 365 host',   { status: 302, headers: { location: 'https://webdir.online.lync.com/' } }, 302],
    ['400 server_error',              { status: 400, ...json('server_error') },                      400],
    ['400 invalid_request',           { status: 400, ...json('invalid_request') },                   400],
    ['400 without a body',            { status: 400 },                                               400],
    ['403 with a page',               { status: 403, headers: page, body: '<html></html>' },         403],
    ['403 server_error',              { status: 403, ...json('server_error') },                      403],
    ['404 with a page',               { status: 404, headers: page, body: '<html></html>' },         404],
    ['404 without a body',            { status: 404 },                                               404],
    ['407',                           { status: 407 },                                               407],
    ['429',                           { status: 429, headers: { 'retry-after': '20' } },             429],
    ['500 with a page',               { status: 500, headers: page, body: '<html></html>' },         500],
    ['500 CallbackChannelError',      { status: 500, json: { code: 'ServiceFailure', subcode: 'CallbackChannelError' } }, 500],
    ['500 invalid_grant',             { status: 500, ...json('invalid_grant') },                     500],
    ['502',                           { status: 502 },                                               502],
    ['503 with Retry-After',          { status: 503, headers: { 'retry-after': '20' } },             503],
    ['504',                           { status: 504 },                                               504],
    ['a reset',                       reset,                                                         undefined],
    ['a reset within the body',       resetInBody,                                                   undefined],
  ])('(%s) is an error of its own, and the password is sent once', async (_name, script, status) => {
    const { failure, events, sends } = await signIn(script);
    expect(failure).toMatchObject({ ...unjudged, step: 'token', status });
    expect(failure).toHaveProperty('cause.step', 'token');
    expect(textOf(failure)).not.toContain(alice.password);
    expect(events).toEqual(['read', 'sent']);
    expect(sends).toBe(1);
  });

  it('passes Retry-After on', async () => {
    const { failure } = await signIn({ status: 503, headers: { 'retry-after': '20' } });
    expect(failure).toMatchObject({ ...unjudged, retryAfter: '20' });
  });

  it('comes after three times the limit of other requests', async () => {
    const { credential, events } = watchedPassword();
    const pool = await startScriptedPool({ 'POST /token': () => {} });
    const limits: number[] = [];
    const timeout = (ms: number, parent?: AbortSignal) => {
      limits.push(ms);
      return systemClock.timeout(ms === 3 * 10_000 ? 50 : ms, parent);
    };
    const client = openClient(pool, { requestTimeoutMs: 10_000, clock: { ...systemClock, timeout } });
    const failure = await failureOf(openSession(client, alice, { credential }).callForwarding.readSettings());
    expect(failure).toMatchObject({ ...unjudged, cause: { name: 'RequestTimeoutError' } });
    expect(String(failure)).toContain('did not respond within 30 seconds in the token step');
    expect(limits.at(-1)).toBe(30_000);
    expect(limits.slice(0, 2)).toEqual([10_000, 10_000]);
    expect(events).toEqual(['read', 'sent']);
  });
});

describe('a token request that never left', () => {
  const neverSent = ['read'];

  /** Signs in on a pool whose challenge names another token service. */
  async function signInAt(tokenUrl: string) {
    const { credential, events } = watchedPassword();
    const pool = await startScriptedPool({ 'GET /user without a token': challenge(tokenUrl) });
    const session = openSession(openClient(pool), alice, { credential });
    return { failure: await failureOf(session.callForwarding.readSettings()), events };
  }

  it('because the connection was refused is a connection error', async () => {
    const gone = await simulate();
    const url = gone.poolUrl();
    await gone.stop();
    const { failure, events } = await signInAt(`${url}/token`);
    expect(failure).toMatchObject({ name: 'ConnectionError', step: 'token', sent: false });
    expect(events).toEqual(neverSent);
  });

  it('because the token service speaks no TLS is an error of TLS', async () => {
    const plain = await serve(() => {});
    const { failure, events } = await signInAt(`${plain.origin.replace('http:', 'https:')}/token`);
    expect(failure).toMatchObject({ name: 'TlsError', step: 'token', sent: false });
    expect(events).toEqual(neverSent);
    expect(plain.requests).toEqual([]);
  });

  it('because the host is not trusted is an error of trust', async () => {
    const { failure, events } = await signInAt('https://fs.fabrikam.com/token');
    expect(failure).toMatchObject({ name: 'UntrustedHostError', step: 'token' });
    expect(events).toEqual(neverSent);
  });

  it('because the session ended while it waited for the pool rejects with the reason', async () => {
    const { credential, events } = watchedPassword();
    const waiting: { request: IncomingMessage; response: ServerResponse }[] = [];
    const pool = await startScriptedPool({
      'POST /token': (request, response) => void waiting.push({ request, response }),
    });
    // On a clock that stands still the first user's token request keeps the only slot.
    const client = openClient(pool, { requestsAtOnce: 1, clock: new FakeClock() });
    const slow = failureOf(openSession(client).callForwarding.readSettings());
    await vi.waitUntil(() => waiting.length === 1);

    const controller = new AbortController();
    const bob = { ...alice, sip: 'sip:bob@contoso.com' };
    const options = { credential, signal: controller.signal, tokenSignal: new AbortController().signal };
    const aborted = failureOf(openSession(client, bob, options).callForwarding.readSettings());
    await vi.waitUntil(() => events.includes('read'));
    controller.abort(new RangeError('The budget is used up.'));

    expect(await aborted).toBe(controller.signal.reason);
    expect(events).toEqual(neverSent);
    waiting[0]?.response.writeHead(404).end();
    await slow;
  });
});

describe('an abort while a token request is under way', () => {
  it("by the session's signal rejects with the reason, without a verdict, where it has no other", async () => {
    const { credential, events } = watchedPassword();
    const controller = new AbortController();
    const reason = new RangeError('The instance stops.');
    const pool = await startScriptedPool({ 'POST /token': () => controller.abort(reason) });
    const session = openSession(openClient(pool), alice, { credential, signal: controller.signal });
    expect(await failureOf(session.callForwarding.readSettings())).toBe(reason);
    expect(events).toEqual(['read', 'sent']);
  });

  it('by the token signal rejects with the reason, without a verdict', async () => {
    const { credential, events } = watchedPassword();
    const controller = new AbortController();
    const reason = new RangeError('The instance stops.');
    const pool = await startScriptedPool({ 'POST /token': () => controller.abort(reason) });
    const options = { credential, tokenSignal: controller.signal };
    const session = openSession(openClient(pool), alice, options);
    expect(await failureOf(session.callForwarding.readSettings())).toBe(reason);
    expect(events).toEqual(['read', 'sent']);
  });

  it("by a caller's budget loses no verdict: the token is kept, and nothing more is sent", async () => {
    const { credential, events } = watchedPassword();
    const budget = new AbortController();
    const reason = new RangeError('The budget is used up.');
    const pool = await startScriptedPool({
      'POST /token': (_request, response) => {
        budget.abort(reason);
        response.end(JSON.stringify({ access_token: scriptedToken, expires_in: 3600 }));
      },
    });
    const client = openClient(pool);
    const options = { credential, signal: budget.signal, tokenSignal: new AbortController().signal };
    expect(await failureOf(openSession(client, alice, options).callForwarding.readSettings())).toBe(reason);
    expect(events).toEqual(['read', 'sent', 'verdict']);
    expect(pool.requests.at(-1)).toBe('POST /token');

    await openSession(client, alice, { credential }).callForwarding.readSettings();
    expect(events).toEqual(['read', 'sent', 'verdict']);
  });

  it("by a caller's budget does not hide a refusal", async () => {
    const { credential, events } = watchedPassword();
    const budget = new AbortController();
    const pool = await startScriptedPool({
      'POST /token': (_request, response) => {
        budget.abort();
        response.writeHead(401).end();
      },
    });
    const options = { credential, signal: budget.signal, tokenSignal: new AbortController().signal };
    const session = openSession(openClient(pool), alice, options);
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject(refused);
    expect(events).toEqual(['read', 'sent', 'verdict']);
  });
});
