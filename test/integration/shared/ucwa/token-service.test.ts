import { describe, expect, it } from 'vitest';
import type { UcwaSimulator, Variants } from '../../../../infra/local/ucwa-simulator/simulator.ts';
import type { UcwaClient } from '../../../../shared/ucwa/client.ts';
import { neverAborted, openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { serve, serveUntrusted } from '../../../support/ucwa/http-server.ts';
import { challenge, links, scriptedToken, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulateWith, stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice, bob, mobile } from '../../../support/ucwa/users.ts';

const work = ['application', 'read', 'write', 'read-back', 'contact', 'clean-up'];
const ownToken = ['challenge', 'token'];

/** Starts a registrar and a home pool of all users, with the token service of a variant. */
function simulateTokenService(
  tokenService: Variants['tokenService'],
  homePool: Variants['homePool'] = 'link',
): Promise<UcwaSimulator> {
  const users = [alice, bob].map((user) => ({ ...user, pool: 'home' }));
  return simulateWith({ tokenService, homePool }, { pools: ['registrar', 'home'], users });
}

/** Sets a user's ring, and returns the steps that this took. */
async function stepsToSetRing(
  simulator: UcwaSimulator,
  client: UcwaClient,
  user: typeof alice | typeof bob,
): Promise<readonly string[]> {
  simulator.clearRequests();
  const session = openSession(client, user);
  expect(await setRing(session, mobile)).toEqual(proven);
  expect(session.requests).toBe(simulator.requests.length);
  return stepsOf(simulator);
}

describe("where the registrar's token service lies on the home pool", () => {
  it('its token serves there too: 10 requests, 8 for the next user, 6 for the same again', async () => {
    const simulator = await simulateTokenService('other-pool');
    const client = openClient(simulator);

    const first = await stepsToSetRing(simulator, client, alice);
    expect(first).toEqual(['discovery', 'challenge', 'token', 'home-pool', ...work]);
    expect(simulator.requests.map(({ pool }) => pool)).toEqual([
      ...['discovery', 'registrar', 'home', 'registrar'],
      ...Array(6).fill('home'),
    ]);
    const next = await stepsToSetRing(simulator, client, bob);
    expect(next).toEqual(['token', 'home-pool', ...work]);
    expect(await stepsToSetRing(simulator, client, alice)).toEqual(work);
    expect([first.length, next.length]).toEqual([10, 8]);
  });

  it('is asked for `user` by a path that begins with two slashes, and no other host is', async () => {
    const simulator = await simulateTokenService('other-pool-for-itself');
    simulator.setVariants({ hrefs: 'double-slash', discovery: 'redirect-chain' });
    expect(await stepsToSetRing(simulator, openClient(simulator), alice)).toEqual([
      ...['discovery', 'discovery redirect', 'discovery redirect', 'challenge', 'token'],
      ...['home-pool', 'home-pool'],
      ...work,
    ]);
  });

  it('its token serves for `user` of the home pool, where the registrar redirects', async () => {
    const simulator = await simulateTokenService('other-pool', 'redirect');
    const client = openClient(simulator);
    const redirected = ['home-pool', 'home-pool redirect', 'home-pool'];
    expect(await stepsToSetRing(simulator, client, alice)).toEqual([
      ...['discovery', 'challenge', 'token', ...redirected],
      ...work,
    ]);
    expect(await stepsToSetRing(simulator, client, alice)).toEqual(work);
  });

  it.each(['link', 'redirect'] as const)(
    'and refuses its token (%s), it gets its own, and from then on no other is tried',
    async (homePool) => {
      const simulator = await simulateTokenService('other-pool-for-registrar', homePool);
      const client = openClient(simulator);
      const isLink = homePool === 'link';
      const way = isLink ? ['home-pool'] : ['home-pool', 'home-pool redirect'];
      const refused = isLink ? 'application' : 'home-pool';
      const rest = isLink ? work : ['home-pool', ...work];

      expect(await stepsToSetRing(simulator, client, alice)).toEqual([
        ...['discovery', 'challenge', 'token', ...way],
        ...[refused, ...ownToken, ...rest],
      ]);
      expect(await stepsToSetRing(simulator, client, bob)).toEqual([
        ...['token', ...way],
        ...['token', ...rest],
      ]);
      expect(await stepsToSetRing(simulator, client, alice)).toEqual(work);
      const refusals = simulator.requests.filter(({ status }) => Number(status) >= 400);
      expect(refusals).toEqual([]);
    },
  );

  it('and takes its token there alone, `user` is asked there', async () => {
    const simulator = await simulateTokenService('other-pool-for-itself');
    const client = openClient(simulator);
    expect(await stepsToSetRing(simulator, client, alice)).toEqual([
      ...['discovery', 'challenge', 'token', 'home-pool', 'home-pool'],
      ...work,
    ]);
    expect(await stepsToSetRing(simulator, client, bob)).toEqual([
      ...['challenge', 'token', 'home-pool'],
      ...work,
    ]);
    expect(await stepsToSetRing(simulator, client, alice)).toEqual(work);
  });
});

describe('a token that serves on two hosts', () => {
  it('is forgotten for both when it is dropped', async () => {
    const simulator = await simulateTokenService('other-pool');
    const session = openSession(openClient(simulator));
    await session.callForwarding.readSettings();
    simulator.clearRequests();
    await session.dropToken();
    await session.callForwarding.readSettings();
    expect(stepsOf(simulator)).toEqual(['clean-up', ...ownToken, 'application', 'read']);
  });

  it('is forgotten for both with the route', async () => {
    const simulator = await simulateTokenService('other-pool');
    const session = openSession(openClient(simulator));
    await session.callForwarding.readSettings();
    simulator.clearRequests();
    await session.dropRoute();
    await session.callForwarding.readSettings();
    expect(stepsOf(simulator)).toEqual([
      ...['clean-up', 'discovery', 'challenge', 'token', 'home-pool'],
      ...['application', 'read'],
    ]);
  });

  it('is replaced where it was revoked, and the host is still lent the next one', async () => {
    const simulator = await simulateTokenService('other-pool');
    const client = openClient(simulator);
    await stepsToSetRing(simulator, client, alice);
    simulator.expireTokens(alice.sip);

    const session = openSession(client);
    expect(await failureOf(session.callForwarding.readSettings())).toMatchObject({
      step: 'application',
      status: 401,
    });
    await session.dropToken();
    expect(await setRing(session, mobile)).toEqual(proven);
    expect(await stepsToSetRing(simulator, client, bob)).toEqual(['token', 'home-pool', ...work]);
  });
});

describe('after a route is dropped', () => {
  it('no token of the user is left for any host on the way', async () => {
    const simulator = await simulateTokenService('own-host', 'redirect');
    const client = openClient(simulator);
    await stepsToSetRing(simulator, client, alice);
    const session = openSession(client);
    await session.callForwarding.readSettings();
    await session.dropRoute();
    simulator.clearRequests();
    await session.callForwarding.readSettings();
    expect(simulator.requests.filter(({ step }) => step === 'token').map(({ pool }) => pool)).toEqual([
      'registrar',
      'home',
    ]);
    await session.close(neverAborted());
  });
});

describe('a token', () => {
  /** The token that each request to a server has. */
  function watch() {
    const tokens: string[] = [];
    return {
      tokens,
      note: (authorization: string | undefined) => void tokens.push(authorization ?? 'none'),
    };
  }

  it('never goes to a trusted host that neither challenged nor issued it', async () => {
    const home = watch();
    const homePool = await serve((request, response) => {
      home.note(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Bearer trusted_issuers=""' }).end();
    });
    const pool = await startScriptedPool({
      'GET /user': { json: links({ applications: `${homePool.origin}/applications` }) },
    });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toMatchObject({ name: 'SignInUnsupportedError' });
    expect(home.tokens).toEqual(['none']);
  });

  it('is not lent to an untrusted host that could have issued it', async () => {
    const untrusted = await serveUntrusted();
    const pool = await startScriptedPool({
      'GET /user without a token': challenge(`${untrusted.origin}/token`),
    });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toMatchObject({ name: 'UntrustedHostError', step: 'token' });
    expect(untrusted.connections).toBe(0);
  });

  it('goes to the host that issued it, and to no third one', async () => {
    const third = watch();
    const thirdPool = await serve((request, response) => {
      third.note(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Bearer trusted_issuers=""' }).end();
    });
    const issuer = watch();
    const issuingPool = await serve((request, response) => {
      issuer.note(request.headers.authorization);
      if (request.url === '/token') {
        response.end(JSON.stringify({ access_token: scriptedToken, expires_in: 3600 }));
      } else response.end(JSON.stringify(links({ applications: `${thirdPool.origin}/applications` })));
    });
    const pool = await startScriptedPool({
      'GET /user without a token': challenge(`${issuingPool.origin}/token`),
      'GET /user': { json: links({ redirect: '/next' }) },
      'GET /next': { json: links({ user: `${issuingPool.origin}/user` }) },
    });
    await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(issuer.tokens).toEqual(['none', `Bearer ${scriptedToken}`]);
    expect(third.tokens).toEqual(['none']);
  });
});
