import { describe, expect, test } from 'vitest';
import {
  bob,
  linkOf,
  readError,
  readResource,
  simulate,
  tokenFor,
} from '../../../support/infra/ucwa-simulator/client.ts';

const pools = ['red', 'blue'];
const bobOnBlue = { ...bob, pool: 'blue' };

describe('discovery', () => {
  test('links the user resource of the registrar, which is on another origin', async () => {
    const simulator = await simulate({ pools });
    const root = await readResource(await fetch(simulator.discoveryUrl));
    expect(linkOf(root, 'user', '')).toBe(
      `${simulator.poolUrl('red')}/autodiscover/autodiscoverservice.svc/root/user`,
    );
    expect(new URL(simulator.discoveryUrl).origin).not.toBe(simulator.poolUrl('red'));
    expect(simulator.discoveryUrl.endsWith('/')).toBe(true);
  });

  test.each([
    ['redirect', 1],
    ['redirect-chain', 2],
  ] as const)('leads by %s to a root with a user after %i hops', async (discovery, hops) => {
    const simulator = await simulate({ pools, variants: { discovery } });
    let root = await readResource(await fetch(simulator.discoveryUrl));
    for (let hop = 0; hop < hops; hop += 1) {
      expect(root._links).not.toHaveProperty('user');
      root = await readResource(await fetch(linkOf(root, 'redirect', '')));
    }
    expect(root._links).toHaveProperty('user');
    expect(simulator.count('discovery', { operation: 'redirect' })).toBe(hops);
  });

  test('redirects in a circle with the variant redirect-loop', async () => {
    const simulator = await simulate({ variants: { discovery: 'redirect-loop' } });
    const first = await readResource(await fetch(simulator.discoveryUrl));
    const second = await readResource(await fetch(linkOf(first, 'redirect', '')));
    expect(linkOf(second, 'redirect', '')).toBe(simulator.discoveryUrl);
  });

  test('redirects by HTTP to the same root', async () => {
    const simulator = await simulate({ variants: { discovery: 'http-redirect' } });
    const first = await fetch(simulator.discoveryUrl, { redirect: 'manual' });
    expect(first.status).toBe(302);
    const root = await readResource(await fetch(simulator.discoveryUrl));
    expect(root._links).toHaveProperty('user');
  });

  test('returns 404 with a page for any other path', async () => {
    const simulator = await simulate();
    const response = await fetch(`${simulator.discoveryUrl}ucwa/oauth/v1/applications`);
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'text/html']);
  });
});

describe('user', () => {
  const readUser = async (simulator: Awaited<ReturnType<typeof simulate>>, pool: string) => {
    const token = await tokenFor(simulator, bobOnBlue, pool);
    const url = `${simulator.poolUrl(pool)}/autodiscover/autodiscoverservice.svc/root/user`;
    return readResource(await fetch(url, { headers: { authorization: `Bearer ${token}` } }));
  };

  test('links the applications of the home pool on every pool', async () => {
    const simulator = await simulate({ pools, users: [bobOnBlue] });
    const expected = `${simulator.poolUrl('blue')}/ucwa/oauth/v1/applications`;
    expect(linkOf(await readUser(simulator, 'red'), 'applications', '')).toBe(expected);
    expect(linkOf(await readUser(simulator, 'blue'), 'applications', simulator.poolUrl('blue'))).toBe(
      expected,
    );
  });

  test('redirects to the home pool with the variant redirect', async () => {
    const simulator = await simulate({ pools, users: [bobOnBlue], variants: { homePool: 'redirect' } });
    const user = await readUser(simulator, 'red');
    expect(user._links).not.toHaveProperty('applications');
    const redirect = await readResource(await fetch(linkOf(user, 'redirect', '')));
    expect(linkOf(redirect, 'user', simulator.poolUrl('blue'))).toContain(simulator.poolUrl('blue'));
    expect((await readUser(simulator, 'blue'))._links).toHaveProperty('applications');
    expect(simulator.count('home-pool', { operation: 'redirect' })).toBe(1);
  });

  test('refuses the token of another pool, at the target of a redirect too', async () => {
    const simulator = await simulate({ pools, users: [bobOnBlue], variants: { homePool: 'redirect' } });
    const authorization = `Bearer ${await tokenFor(simulator, bobOnBlue, 'red')}`;
    for (const path of ['root/user', 'root/user/redirect']) {
      const url = `${simulator.poolUrl('blue')}/autodiscover/autodiscoverservice.svc/${path}`;
      const response = await fetch(url, { headers: { authorization } });
      expect([response.status, response.headers.get('content-type')]).toEqual([500, 'text/html']);
      expect(response.headers.get('x-ms-diagnostics')).toMatch(/^28032;/);
    }
  });

  test('returns 404 for a path that was never linked', async () => {
    const simulator = await simulate();
    const authorization = `Bearer ${await tokenFor(simulator)}`;
    const url = `${simulator.poolUrl()}/ucwa/oauth/v1/applications/1/somewhere`;
    const response = await fetch(url, { headers: { authorization } });
    expect(response.status).toBe(404);
    expect(await readError(response)).toMatchObject({ code: 'NotFound' });
  });
});
