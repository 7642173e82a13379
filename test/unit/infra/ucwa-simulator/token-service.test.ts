import { describe, expect, test } from 'vitest';
import type { UcwaSimulator, Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import { alice, simulate, tokenSchema } from '../../../support/infra/ucwa-simulator/client.ts';

const userPath = '/autodiscover/autodiscoverservice.svc/root/user';
const pools = ['registrar', 'home'];

/** Returns the URL that a pool's challenge sends the password to. */
async function tokenUrlOf(simulator: UcwaSimulator, pool: string): Promise<string> {
  const response = await fetch(simulator.poolUrl(pool) + userPath);
  return /href="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';
}

function requestTokenAt(url: string, password = alice.password): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'password', username: alice.username, password });
  return fetch(url, { method: 'POST', body });
}

/** Returns the statuses with which the pools respond to a token from this URL. */
async function acceptance(simulator: UcwaSimulator, url: string): Promise<number[]> {
  const { access_token } = tokenSchema.parse(await (await requestTokenAt(url)).json());
  const headers = { authorization: `Bearer ${access_token}` };
  return await Promise.all(
    pools.map(async (pool) => (await fetch(simulator.poolUrl(pool) + userPath, { headers })).status),
  );
}

describe('the token service that the registrar names', () => {
  test.each<[Variants['tokenService'], string, number[]]>([
    ['own-host', 'registrar', [200, 500]],
    ['other-pool', 'home', [200, 200]],
    ['other-pool-for-registrar', 'home', [200, 500]],
    ['other-pool-for-itself', 'home', [500, 200]],
  ])(
    'with %s lies on %s, and the pools respond to its token with %j',
    async (tokenService, host, statuses) => {
      const simulator = await simulate({ pools, variants: { tokenService } });
      const url = await tokenUrlOf(simulator, 'registrar');
      expect(new URL(url).origin).toBe(simulator.poolUrl(host));
      expect(await acceptance(simulator, url)).toEqual(statuses);
    },
  );

  test('does not change that of the other pool', async () => {
    const simulator = await simulate({ pools, variants: { tokenService: 'other-pool' } });
    const url = await tokenUrlOf(simulator, 'home');
    expect(url).toBe(`${simulator.poolUrl('home')}/WebTicket/oauthtoken`);
    expect(await acceptance(simulator, url)).toEqual([500, 200]);
  });

  test('is its own where it is the only pool', async () => {
    const simulator = await simulate({ variants: { tokenService: 'other-pool' } });
    expect(await tokenUrlOf(simulator, 'pool')).toBe(`${simulator.poolUrl()}/WebTicket/oauthtoken`);
  });
});

describe('a wrong password', () => {
  test.each<[Variants['passwordRefusal'], number, RegExp]>([
    ['json-400', 400, /^\{"error":"invalid_grant"\}$/],
    ['json-401', 401, /^\{"error":"invalid_grant"\}$/],
    ['json-403', 403, /^\{"error":"invalid_grant"\}$/],
    ['page-401', 401, /^<!DOCTYPE html>/],
  ])('can be refused as %s, and counts towards the lockout', async (passwordRefusal, status, body) => {
    const simulator = await simulate({ lockoutAfter: 1, variants: { passwordRefusal } });
    const response = await requestTokenAt(`${simulator.poolUrl()}/WebTicket/oauthtoken`, 'wrong');
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(body);
    expect(simulator.lockouts).toBe(1);
  });
});
