import { describe, expect, it } from 'vitest';
import { RedirectLoopError, UnexpectedContentError } from '../../../../shared/ucwa/errors.ts';
import { DiscoveryError } from '../../../../shared/ucwa/sign-in/discovery-error.ts';
import { neverAborted, openClient, openSession, proven, setRing } from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { links, startScriptedPool } from '../../../support/ucwa/scripted-pool.ts';
import { simulate, simulateWith, stepsOf } from '../../../support/ucwa/simulation.ts';
import { alice, mobile } from '../../../support/ucwa/users.ts';

const work = ['application', 'read', 'write', 'read-back', 'contact', 'clean-up'];

describe('discovery', () => {
  it.each([
    ['redirect', ['discovery', 'discovery redirect']],
    ['redirect-chain', ['discovery', 'discovery redirect', 'discovery redirect']],
    ['http-redirect', ['discovery', 'discovery redirect']],
  ] as const)('follows a %s', async (discovery, expected) => {
    const simulator = await simulateWith({ discovery }, { pools: ['pool', 'front'] });
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual(proven);
    expect(stepsOf(simulator)).toEqual([...expected, 'challenge', 'token', 'home-pool', ...work]);
  });

  it('gives up on links that lead in a circle', async () => {
    const simulator = await simulateWith({ discovery: 'redirect-loop' });
    const failure = await failureOf(openSession(openClient(simulator)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(RedirectLoopError);
    expect(failure).toMatchObject({ step: 'discovery' });
    expect(simulator.requests.length).toBeLessThan(10);
  });

  it('gives up on HTTP redirects that lead in a circle', async () => {
    const pool = await startScriptedPool({ 'GET /': { status: 302, headers: { location: '/' } } });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(RedirectLoopError);
    expect(pool.requests.length).toBeLessThan(10);
  });

  it('is unusable content, not a missing link of the user, if it leads nowhere', async () => {
    const pool = await startScriptedPool({ 'GET /': { json: links({ self: '/' }) } });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(UnexpectedContentError);
    expect(failure).toMatchObject({ step: 'discovery' });
  });

  it('tries the next root if one cannot be reached', async () => {
    const simulator = await simulate();
    const stopped = await simulate();
    const unreachable = new URL(stopped.discoveryUrl);
    await stopped.stop();
    const discoveryUrls = () => [unreachable, new URL(simulator.discoveryUrl)];
    const client = openClient(simulator, { discoveryUrls });
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
  });

  it('fails with the errors of all roots if all fail, of which the most telling one decides', async () => {
    const simulator = await simulate();
    simulator.fail({ step: 'discovery', answer: { status: 404 } });
    simulator.fail({ step: 'discovery', answer: { status: 502 } });
    const root = new URL(simulator.discoveryUrl);
    const client = openClient(simulator, { discoveryUrls: () => [root, root] });
    const failure = await failureOf(openSession(client).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(DiscoveryError);
    expect(failure).toMatchObject({ cause: { status: 502 }, host: root.host, step: 'discovery' });
    expect(String(failure)).toMatch(/returned 404 NotFound in .* returned 502 BadGateway in /);
  });
});

describe('a home pool on another host', () => {
  const options = { pools: ['registrar', 'home'], users: [{ ...alice, pool: 'home' }] };

  it('that is linked sends its own challenge and gets its own token', async () => {
    const simulator = await simulateWith({ homePool: 'link' }, options);
    const session = openSession(openClient(simulator));
    expect(await setRing(session, mobile)).toEqual(proven);
    expect(stepsOf(simulator)).toEqual([
      ...['discovery', 'challenge', 'token', 'home-pool'],
      ...['challenge', 'token'],
      ...work,
    ]);
    expect(simulator.requests.slice(4).map(({ pool }) => pool)).toEqual(Array(8).fill('home'));
  });

  it('that is redirected to sends its own challenge and gets its own token', async () => {
    const simulator = await simulateWith({ homePool: 'redirect' }, options);
    expect(await setRing(openSession(openClient(simulator)), mobile)).toEqual(proven);
    expect(stepsOf(simulator)).toEqual([
      ...['discovery', 'challenge', 'token', 'home-pool'],
      ...['home-pool redirect', 'challenge', 'token', 'home-pool'],
      ...work,
    ]);
  });

  it('never gets the token of the registrar', async () => {
    const simulator = await simulateWith({ homePool: 'redirect' }, options);
    await setRing(openSession(openClient(simulator)), mobile);
    const refused = simulator.requests.filter(
      ({ status, step }) => step !== 'challenge' && Number(status) >= 400,
    );
    expect(refused).toEqual([]);
  });

  it('is cached with its token, so that the same user needs only 6 requests again', async () => {
    const simulator = await simulateWith({ homePool: 'redirect' }, options);
    const client = openClient(simulator);
    await setRing(openSession(client), mobile);
    simulator.clearRequests();
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
    expect(stepsOf(simulator)).toEqual(work);
  });

  it('that redirects in a circle is given up', async () => {
    const pool = await startScriptedPool({
      'GET /user': { json: links({ redirect: '/again' }) },
      'GET /again': { json: links({ user: '/user' }) },
    });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(RedirectLoopError);
    expect(failure).toMatchObject({ step: 'home-pool' });
    expect(pool.requests.length).toBeLessThan(20);
  });

  it('that links neither applications nor a redirect does not serve this user', async () => {
    const pool = await startScriptedPool({ 'GET /user': { json: links({ self: '/user' }) } });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toMatchObject({ name: 'LinkMissingError', step: 'home-pool', rel: 'applications' });
  });

  it('that redirects a request with a token by HTTP is not followed', async () => {
    const pool = await startScriptedPool({
      'GET /user': { status: 302, headers: { location: '/elsewhere' } },
    });
    const failure = await failureOf(openSession(openClient(pool)).callForwarding.readSettings());
    expect(failure).toMatchObject({ name: 'UcwaResponseError', step: 'home-pool', status: 302 });
    expect(pool.requests).not.toContain('GET /elsewhere');
  });
});

describe('the connections of a session', () => {
  it('are kept, one to each host', async () => {
    const pool = await startScriptedPool();
    const session = openSession(openClient(pool));
    await session.callForwarding.readSettings();
    await session.callForwarding.readSettings();
    await session.close(neverAborted());
    expect(pool.connections).toBe(1);
  });

  it('are new for each request once they were dropped', async () => {
    const pool = await startScriptedPool();
    const session = openSession(openClient(pool));
    await session.callForwarding.readSettings();
    session.dropConnection();
    await session.callForwarding.readSettings();
    await session.callForwarding.readSettings();
    expect(pool.connections).toBe(3);
  });
});
