import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  alice,
  readError,
  requestToken,
  signIn,
  simulate,
} from '../../../support/infra/ucwa-simulator/client.ts';

const number = 'tel:+14255550123';

describe('a status answer', () => {
  test.each([
    [409, 'Conflict'],
    [410, 'Gone'],
    [429, 'TooManyRequests'],
    [504, 'Timeout'],
  ])('of %i has the code %s by default', async (status, code) => {
    const simulator = await simulate();
    simulator.fail({ answer: { status } });
    expect(await readError(await fetch(simulator.discoveryUrl))).toMatchObject({ code });
  });

  test('has its headers, parameters, format and body', async () => {
    const simulator = await simulate();
    simulator.fail({ answer: { status: 503, headers: { 'Retry-After': '7' }, format: 'html' } });
    simulator.fail({ answer: { status: 400, parameters: [{ name: 'target', reason: 'odd' }] } });
    simulator.fail({ answer: { status: 418, body: 'teapot' } });
    const busy = await fetch(simulator.discoveryUrl);
    expect([busy.headers.get('retry-after'), busy.headers.get('content-type')]).toEqual(['7', 'text/html']);
    const { parameters } = await readError(await fetch(simulator.discoveryUrl));
    expect(parameters).toEqual([{ name: 'target', reason: 'odd' }]);
    expect(await (await fetch(simulator.discoveryUrl)).text()).toBe('teapot');
  });

  test('of 401 has a challenge', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    simulator.fail({ step: 'read', answer: { status: 401 } });
    const response = await client.send(client.settingsUrl);
    expect(response.headers.get('www-authenticate')).toContain('MsRtcOAuth');
  });
});

describe('an answer can be', () => {
  const failing = async (answer: Fault['answer']) => {
    const simulator = await simulate();
    simulator.fail({ step: 'discovery', answer });
    return simulator;
  };

  test('missing until the server stops', async () => {
    const simulator = await failing({ kind: 'hang' });
    const answer = fetch(simulator.discoveryUrl);
    await expect
      .poll(() => simulator.requests.map((request) => request.status), { interval: 1 })
      .toEqual(['hang']);
    await Promise.all([expect(answer).rejects.toThrow(), simulator.stop()]);
  });

  test('a reset', async () => {
    const simulator = await failing({ kind: 'reset' });
    const failure = await fetch(simulator.discoveryUrl).catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { code: 'ECONNRESET' } });
    expect(simulator.requests).toMatchObject([{ status: 'reset' }]);
  });

  test('a reset in the middle of its body', async () => {
    const simulator = await failing({ kind: 'reset-in-body' });
    const response = await fetch(simulator.discoveryUrl);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test('slow', async () => {
    const simulator = await failing({ kind: 'slow-body', bytesPerSecond: 10_000 });
    const chunks: Uint8Array[] = [];
    const response = await fetch(simulator.discoveryUrl);
    for await (const chunk of response.body ?? []) chunks.push(chunk);
    expect(chunks.length).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ rel: 'root' });
  });

  test('huge, without a Content-Length', async () => {
    const simulator = await failing({ kind: 'huge-body', bytes: 3_000_000 });
    const response = await fetch(simulator.discoveryUrl);
    expect(response.headers.get('content-length')).toBeNull();
    const text = await response.text();
    expect(text).toHaveLength(3_000_000);
    expect(JSON.parse(text)).toEqual({});
  });

  test('badly compressed', async () => {
    const simulator = await failing({ kind: 'broken-gzip' });
    const response = await fetch(simulator.discoveryUrl);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    await expect(response.text()).rejects.toThrow();
  });

  test('malformed JSON', async () => {
    const simulator = await failing({ kind: 'malformed-json' });
    const response = await fetch(simulator.discoveryUrl);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/json; charset=utf-8',
    ]);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  test('one with invalid URLs as links', async () => {
    const simulator = await failing({ kind: 'bad-links' });
    const root: unknown = await (await fetch(simulator.discoveryUrl)).json();
    expect(root).toMatchObject({ _links: { user: { href: 'https://[' }, self: { href: 'https://[' } } });
    expect(URL.canParse('https://[', simulator.discoveryUrl)).toBe(false);
  });

  test('one of an unexpected shape, a different one each time', async () => {
    const simulator = await simulate();
    simulator.fail({ times: 6, answer: { kind: 'wrong-shape' } });
    const shapes = new Set<string>();
    for (let sent = 0; sent < 6; sent += 1) {
      shapes.add(JSON.stringify(await (await fetch(simulator.discoveryUrl)).json()));
    }
    expect(shapes.size).toBe(6);
    expect([...shapes]).toEqual(expect.arrayContaining(['[]', '42', '{"_links":{"self":"/"}}']));
  });

  test('a broken body in place of none', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    simulator.fail({ step: 'write', applied: true, answer: { kind: 'malformed-json' } });
    expect((await client.ring(number)).status).toBe(200);
    expect(simulator.state(alice.sip).simultaneousRing.target).toBe('Contact');
  });

  test('an error of the token service', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'token', answer: { kind: 'token-error', error: 'server_error' } });
    const passiveAuthUri = 'https://adfs.contoso.com/PassiveAuth.aspx';
    const diagnostics = '28020;source="fe1";reason="No valid security token."';
    simulator.fail({
      step: 'token',
      answer: { kind: 'token-error', error: 'invalid_grant', passiveAuthUri, diagnostics },
    });
    const first = await requestToken(simulator, alice);
    expect([first.status, await first.json()]).toEqual([400, { error: 'server_error' }]);
    const second = await requestToken(simulator, alice);
    expect(second.headers.get('x-ms-diagnostics')).toBe(diagnostics);
    expect(await second.json()).toEqual({ error: 'invalid_grant', ms_rtc_passiveauthuri: passiveAuthUri });
    expect((await requestToken(simulator, alice)).status).toBe(200);
    expect(simulator.lockouts).toBe(0);
  });
});
