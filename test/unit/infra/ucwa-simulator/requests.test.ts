import { describe, expect, test } from 'vitest';
import {
  alice,
  bob,
  jsonType,
  linkOf,
  signIn,
  simulate,
} from '../../../support/infra/ucwa-simulator/client.ts';

const number = 'tel:+14255550123';

describe('recorded requests', () => {
  test('have the steps and operations of a whole session in order', async () => {
    const simulator = await simulate({ now: () => 42 });
    await fetch(simulator.discoveryUrl);
    await fetch(`${simulator.poolUrl()}/autodiscover/autodiscoverservice.svc/root/user`);
    const client = await signIn(simulator);
    await client.ring(number);
    await client.contact();
    await client.turnOff();
    await client.send(linkOf(client.application, 'self', client.origin), { method: 'DELETE' });
    expect(simulator.requests.map(({ step, operation, status }) => [step, operation, status])).toEqual([
      ['discovery', 'root', 200],
      ['challenge', 'user', 401],
      ['token', 'oauthtoken', 200],
      ['application', 'applications', 201],
      ['read', 'callForwardingSettings', 200],
      ['write', 'simultaneousRingToContact', 204],
      ['read-back', 'callForwardingSettings', 200],
      ['contact', 'contact', 200],
      ['read-back', 'callForwardingSettings', 200],
      ['write', 'turnOffCallForwarding', 204],
      ['clean-up', 'application', 204],
    ]);
    expect(simulator.requests[0]).toMatchObject({ at: 42, pool: 'discovery', method: 'GET', path: '/' });
    expect(simulator.requests[2]).toMatchObject({
      pool: 'pool',
      user: alice.sip,
      username: alice.username,
      hasToken: false,
      contentType: expect.stringContaining('application/x-www-form-urlencoded'),
    });
    expect(simulator.requests[3]).toMatchObject({ user: alice.sip, endpointId: 'first', hasToken: true });
    expect(simulator.requests[5]).toMatchObject({
      target: number,
      targetIn: 'body',
      contentType: 'application/json',
    });
  });

  test('contain no password and no token', async () => {
    const simulator = await simulate();
    const { authorization } = await signIn(simulator);
    const text = JSON.stringify(simulator.requests);
    expect(text).not.toContain(authorization.slice('Bearer '.length));
    expect(text).not.toContain(alice.password);
  });

  test('contain the query, the correlation id and the precondition', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    const headers = { ...jsonType, 'x-correlation-id': 'abc', 'if-match': '"1"' };
    await client.send(`${client.settingsUrl}?a=%2f`, { method: 'PUT', headers, body: '{}' });
    expect(simulator.requests.at(-1)).toMatchObject({
      step: 'write',
      operation: 'callForwardingSettings',
      method: 'PUT',
      path: expect.stringMatching(/\?a=%2f$/),
      correlationId: 'abc',
      ifMatch: '"1"',
      contentLength: '2',
    });
  });

  test('are reads, not reads back, once the client asks for its application again', async () => {
    const simulator = await simulate();
    await (await signIn(simulator)).ring(number);
    await (await signIn(simulator)).settings();
    expect(simulator.countsByOperation()).toMatchObject({ read: { callForwardingSettings: 2 } });
    expect(simulator.count('read-back')).toBe(0);
  });

  test('are reads back even after a write that was refused', async () => {
    const simulator = await simulate();
    const client = await signIn(simulator);
    expect((await client.ring('nobody')).status).toBe(400);
    await client.settings();
    expect(simulator.requests.at(-1)).toMatchObject({ step: 'read-back' });
  });

  test('are counted by step, operation and user, until they are cleared', async () => {
    const simulator = await simulate();
    await signIn(simulator);
    await signIn(simulator);
    await signIn(simulator, bob);
    expect(simulator.count('token')).toBe(3);
    expect(simulator.count('token', { user: 'SIP:alice@contoso.com' })).toBe(2);
    expect(simulator.count('token', { user: 'sip:eve@contoso.com' })).toBe(0);
    expect(simulator.count('token', { operation: 'oauthtoken', user: bob.sip })).toBe(1);
    expect(simulator.count('token', { operation: 'user' })).toBe(0);
    expect(simulator.countsByOperation()).toEqual({
      token: { oauthtoken: 3 },
      application: { applications: 3 },
    });
    simulator.clearRequests();
    expect([simulator.count('token'), simulator.count('token', { user: alice.sip })]).toEqual([0, 0]);
    expect(simulator.countsByOperation()).toEqual({});
    expect(simulator.requests).toEqual([]);
  });

  test('are the newest ones beyond the limit, and all are counted', async () => {
    const simulator = await simulate({ requestLog: 3 });
    for (const place of [1, 2, 3, 4, 5]) await fetch(`${simulator.discoveryUrl}?${place}`);
    expect(simulator.requests.map(({ path }) => path)).toEqual(['/?3', '/?4', '/?5']);
    expect(simulator.count('discovery')).toBe(5);
  });
});
