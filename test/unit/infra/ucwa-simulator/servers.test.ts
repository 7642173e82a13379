import { once } from 'node:events';
import { get } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { UcwaSimulator } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  alice,
  bob,
  linkOf,
  readResource,
  requestToken,
  signIn,
  simulate,
} from '../../../support/infra/ucwa-simulator/client.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('a pool', () => {
  test('refuses connections while it is stopped, and starts again on the same port with its state', async () => {
    const simulator = await simulate({ pools: ['red', 'blue'] });
    const client = await signIn(simulator);
    const url = simulator.poolUrl('red');
    await simulator.stopPool('red');
    // The first attempt may still meet the end of a connection that was kept.
    await expect(client.send(client.settingsUrl)).rejects.toThrow();
    const failure = await client.send(client.settingsUrl).catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect((await requestToken(simulator, alice, 'blue')).status).toBe(200);
    await simulator.startPool('red');
    expect(simulator.poolUrl('red')).toBe(url);
    expect((await client.send(client.settingsUrl)).status).toBe(200);
  });

  test('is an error that names it when it does not exist', async () => {
    const simulator = await simulate();
    await expect(simulator.stopPool('green')).rejects.toThrow('green');
  });

  test('changes the settings of its own users only', async () => {
    const simulator = await simulate({ pools: ['red', 'blue'], users: [alice, { ...bob, pool: 'blue' }] });
    const atBlue = await signIn(simulator, { ...bob, pool: 'blue' });
    await atBlue.ring('tel:+14255550123');
    expect(atBlue.origin).toBe(simulator.poolUrl('blue'));
    expect(simulator.state(bob.sip).activeSetting).toBe('SimultaneousRing');
    expect(simulator.state(alice.sip).activeSetting).toBe('None');
  });

  test('returns 503 beyond its capacity', async () => {
    const simulator = await simulate({ capacity: 1 });
    simulator.fail({ step: 'token', answer: { kind: 'hang' } });
    const controller = new AbortController();
    const hanging = fetch(`${simulator.poolUrl()}/WebTicket/oauthtoken`, {
      method: 'POST',
      signal: controller.signal,
    });
    await expect.poll(() => simulator.count('token'), { interval: 1 }).toBe(1);
    expect((await requestToken(simulator, alice)).status).toBe(503);
    expect(simulator.requests).toMatchObject([
      { status: 'hang', atOnce: 1 },
      { status: 503, atOnce: 2 },
    ]);
    simulator.setCapacity(2);
    expect((await requestToken(simulator, alice)).status).toBe(200);
    simulator.setCapacity(1);
    controller.abort();
    await expect(hanging).rejects.toThrow();
    await expect.poll(async () => (await requestToken(simulator, alice)).status, { interval: 1 }).toBe(200);
    simulator.setCapacity(undefined);
  });

  test('responds after the latency', async () => {
    const simulator = await simulate();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    simulator.setLatency(60_000);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const answer = once(get(simulator.discoveryUrl), 'response');
    while (!timers.mock.calls.some(([, delayMs]) => delayMs === 60_000)) await nextTurn();
    expect(simulator.requests).toEqual([]);
    vi.advanceTimersByTime(60_000);
    await answer;
    expect(simulator.requests).toMatchObject([{ status: 200 }]);
  });
});

describe('a simulator', () => {
  test('uses the given host names in links', async () => {
    const simulator = await simulate({ hosts: { pools: ['localhost'] } });
    const root = await readResource(await fetch(simulator.discoveryUrl));
    const user = new URL(linkOf(root, 'user', ''));
    expect([user.hostname, new URL(simulator.discoveryUrl).hostname]).toEqual(['localhost', '127.0.0.1']);
    expect((await fetch(user)).headers.get('www-authenticate')).toContain('href="http://localhost:');
  });

  test('uses https with a given certificate', async () => {
    const pems = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
    const simulator = await simulate({ tls: { key: pems.private, cert: pems.cert } });
    expect(simulator.poolUrl()).toMatch(/^https:/);
    const body = await new Promise<string>((resolve, reject) => {
      request(simulator.discoveryUrl, { rejectUnauthorized: false }, (response) => {
        text(response).then(resolve, reject);
      })
        .on('error', reject)
        .end();
    });
    expect(JSON.parse(body)).toMatchObject({ rel: 'root' });
    simulator.fail({ step: 'discovery', answer: { kind: 'reset' } });
    const failed = new Promise((_, reject) => {
      request(simulator.discoveryUrl, { rejectUnauthorized: false }).on('error', reject).end();
    });
    await expect(failed).rejects.toThrow();
  });

  test('has no URLs before the start', () => {
    const simulator = new UcwaSimulator({ users: [alice] });
    expect(() => simulator.discoveryUrl).toThrow('start it first');
  });

  test.each([
    [{ pools: [] }, 'at least one pool'],
    [{ pools: ['red', 'red'] }, 'must differ'],
    [{ pools: ['discovery'] }, 'must differ'],
    [{ users: [{ ...alice, pool: 'green' }] }, 'green'],
  ])('refuses %o', (options, message) => {
    expect(() => new UcwaSimulator({ users: [], ...options })).toThrow(message);
  });

  test('rejects with a port in use, and leaves no server running', async () => {
    const first = await simulate();
    const port = Number(new URL(first.discoveryUrl).port);
    const second = new UcwaSimulator({ users: [], ports: { discovery: port } });
    await expect(second.start()).rejects.toThrow('EADDRINUSE');
    const pool = second.poolUrl();
    await expect(fetch(pool)).rejects.toThrow();
  });

  test('holds a hundred thousand users and finds each of them', async () => {
    const users = Array.from({ length: 100_000 }, (_, index) => ({
      sip: `sip:u${index}@contoso.com`,
      username: `CONTOSO\\u${index}`,
      password: 'p',
    }));
    const simulator = await simulate({ users });
    const last = users.at(-1) ?? alice;
    expect((await requestToken(simulator, last)).status).toBe(200);
    const states = await (await fetch(`${simulator.discoveryUrl}control/states`)).json();
    expect(Object.keys(states ?? {})).toHaveLength(100_000);
  });

  test('replaces rights and password of a user that is added again', async () => {
    const simulator = await simulate();
    simulator.addUsers([{ ...alice, username: 'CONTOSO\\alice2', password: 'other' }]);
    expect((await requestToken(simulator, alice)).status).toBe(400);
    expect((await requestToken(simulator, { username: 'CONTOSO\\alice2', password: 'other' })).status).toBe(
      200,
    );
  });
});
