import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import type { Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import {
  alice,
  requestToken,
  signIn,
  simulate,
  tokenFor,
  tokenSchema,
} from '../../../support/infra/ucwa-simulator/client.ts';

const wrong = { ...alice, password: 'wrong' };
const userPath = '/autodiscover/autodiscoverservice.svc/root/user';

async function errorOf(response: Response): Promise<unknown> {
  return z.object({ error: z.string() }).parse(await response.json()).error;
}

describe('the challenge', () => {
  const challengeOf = async (challenge: Variants['challenge']) => {
    const simulator = await simulate({ variants: { challenge } });
    const response = await fetch(simulator.poolUrl() + userPath);
    expect([response.status, response.headers.get('content-type')]).toEqual([401, 'text/html']);
    const oauth = `${simulator.poolUrl()}/WebTicket/oauthtoken`;
    return { header: response.headers.get('www-authenticate'), oauth, simulator };
  };

  test.each(['two-headers', 'one-header'] as const)('has Bearer and MsRtcOAuth in %s', async (challenge) => {
    const { header, oauth } = await challengeOf(challenge);
    expect(header).toMatch(/^Bearer trusted_issuers="[^"]+", client_id="[^"]+", MsRtcOAuth /);
    expect(header).toContain(`MsRtcOAuth href="${oauth}",grant_type="urn:microsoft.rtc:windows,`);
    expect(header).toMatch(/,password"$/);
  });

  test('has an href without quotes', async () => {
    const { header, oauth } = await challengeOf('unquoted-href');
    expect(header).toContain(`MsRtcOAuth href=${oauth},grant_type=`);
  });

  test('may be missing although the token service works', async () => {
    const { header, simulator } = await challengeOf('none');
    expect(header).toBeNull();
    expect((await requestToken(simulator, alice)).status).toBe(200);
  });

  test('may have no MsRtcOAuth', async () => {
    const { header, simulator } = await challengeOf('bearer-only');
    expect(header).toMatch(/^Bearer /);
    expect(header).not.toContain('MsRtcOAuth');
    expect(await errorOf(await requestToken(simulator, alice))).toBe('unsupported_grant_type');
  });

  test('may lack the password grant, which is then refused', async () => {
    const { header, simulator } = await challengeOf('no-password-grant');
    expect(header).toMatch(/grant_type="urn:microsoft.rtc:windows,urn:microsoft.rtc:anonmeeting"$/);
    const response = await requestToken(simulator, alice);
    expect(response.headers.get('x-ms-diagnostics')).toMatch(/^28029;/);
    expect(await errorOf(response)).toBe('unsupported_grant_type');
  });

  test('may also name an authorization URI', async () => {
    const { header } = await challengeOf('with-authorization-uri');
    expect(header).toMatch(/^Bearer authorization_uri="https:[^"]+", trusted_issuers=/);
    expect(header).toContain('MsRtcOAuth');
  });
});

describe('the token service', () => {
  test('issues a token that the pool accepts', async () => {
    const simulator = await simulate();
    const response = await requestToken(simulator, alice);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { access_token, expires_in } = tokenSchema.parse(await response.json());
    expect(expires_in).toBe(28_364);
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await fetch(simulator.poolUrl() + userPath, { headers })).status).toBe(200);
  });

  test.each([
    ['a user name in another case', { username: 'contoso\\ALICE' }, 200],
    ['the address as a UPN', { username: 'Alice@contoso.com' }, 200],
    ['an unknown user name', { username: 'CONTOSO\\eve' }, 400],
    ['a wrong password', { password: 'wrong' }, 400],
  ])('responds to %s with %o as expected: %i', async (_, credentials, status) => {
    const simulator = await simulate();
    expect((await requestToken(simulator, { ...alice, ...credentials })).status).toBe(status);
  });

  test('refuses a UPN with the variant upnRefused', async () => {
    const simulator = await simulate({ variants: { upnRefused: true } });
    const upn = { ...alice, username: 'alice@contoso.com' };
    expect(await errorOf(await requestToken(simulator, upn))).toBe('invalid_grant');
    expect((await requestToken(simulator, alice)).status).toBe(200);
  });

  test.each([
    ['JSON', { headers: { 'content-type': 'application/json' }, body: '{}' }, 'invalid_request'],
    [
      'no password',
      { body: new URLSearchParams({ grant_type: 'password', username: 'a' }) },
      'invalid_request',
    ],
    [
      'another grant',
      { body: new URLSearchParams({ grant_type: 'urn:microsoft.rtc:windows' }) },
      'unsupported_grant_type',
    ],
  ])('refuses %s', async (_, init, error) => {
    const simulator = await simulate();
    const response = await fetch(`${simulator.poolUrl()}/WebTicket/oauthtoken`, { method: 'POST', ...init });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toBe(error);
  });

  test('refuses GET', async () => {
    const simulator = await simulate();
    const response = await fetch(`${simulator.poolUrl()}/WebTicket/oauthtoken`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a lockout', () => {
  test('follows three wrong passwords, refuses the right one too, and ends when the account is unlocked', async () => {
    const simulator = await simulate();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(simulator.lockouts).toBe(0);
      expect(await errorOf(await requestToken(simulator, wrong))).toBe('invalid_grant');
    }
    expect(simulator.lockouts).toBe(1);
    expect(await errorOf(await requestToken(simulator, alice))).toBe('invalid_grant');
    simulator.unlock(alice.sip);
    expect((await requestToken(simulator, alice)).status).toBe(200);
  });

  test('does not happen when the right password comes between wrong ones', async () => {
    const simulator = await simulate({ lockoutAfter: 2 });
    for (const user of [wrong, alice, wrong, alice]) await requestToken(simulator, user);
    expect(simulator.lockouts).toBe(0);
  });

  test('does not happen with a new password', async () => {
    const simulator = await simulate();
    simulator.setPassword(alice.sip, 'new');
    expect((await requestToken(simulator, alice)).status).toBe(400);
    expect((await requestToken(simulator, { ...alice, password: 'new' })).status).toBe(200);
  });
});

describe('a token', () => {
  test('expires after its lifetime', async () => {
    let now = 1_000_000;
    const simulator = await simulate({ now: () => now, tokenLifetimeSeconds: 60 });
    const { settingsUrl, send } = await signInBound(simulator);
    now += 59_999;
    expect((await send(settingsUrl)).status).toBe(200);
    now += 1;
    const response = await send(settingsUrl);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('MsRtcOAuth');
    expect(simulator.count('challenge')).toBe(0);
  });

  test.each([alice.sip, undefined])('is invalid once it is revoked (%s)', async (sip) => {
    const simulator = await simulate();
    const { settingsUrl, send } = await signInBound(simulator);
    simulator.expireTokens(sip);
    expect((await send(settingsUrl)).status).toBe(401);
    expect((await (await signInBound(simulator)).send(settingsUrl)).status).toBe(200);
  });

  test('stays valid when the tokens of another user are revoked', async () => {
    const simulator = await simulate();
    const { settingsUrl, send } = await signInBound(simulator);
    simulator.expireTokens('sip:bob@contoso.com');
    expect((await send(settingsUrl)).status).toBe(200);
  });

  test.each(['Bearer cwt=bm9ib2R5', 'Bearer nonsense', 'Basic YTpi'])(
    'is invalid as %s',
    async (authorization) => {
      const simulator = await simulate();
      const response = await fetch(simulator.poolUrl() + userPath, { headers: { authorization } });
      expect(response.status).toBe(401);
    },
  );

  test('of another pool causes 500 with a page', async () => {
    const simulator = await simulate({ pools: ['red', 'blue'] });
    const authorization = `Bearer ${await tokenFor(simulator, alice, 'red')}`;
    const response = await fetch(`${simulator.poolUrl('blue')}/ucwa/oauth/v1/applications`, {
      method: 'POST',
      headers: { authorization },
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/html']);
    expect(response.headers.get('x-ms-diagnostics')).toContain('28032');
    expect(response.headers.get('x-ms-diagnostics')).toContain('The web ticket is invalid');
  });
});

async function signInBound(simulator: Awaited<ReturnType<typeof simulate>>) {
  const client = await signIn(simulator);
  return { settingsUrl: client.settingsUrl, send: client.send.bind(client) };
}
