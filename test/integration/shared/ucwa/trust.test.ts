import { describe, expect, it } from 'vitest';
import { UcwaResponseError } from '../../../../shared/ucwa/errors.ts';
import { UntrustedHostError } from '../../../../shared/ucwa/transport/untrusted-host-error.ts';
import {
  neverAborted,
  openClient,
  openSession,
  proven,
  readRing,
  setRing,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { serveUntrusted } from '../../../support/ucwa/http-server.ts';
import {
  application,
  challenge,
  links,
  type Script,
  settings,
  startScriptedPool,
} from '../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';
import { mobile } from '../../../support/ucwa/users.ts';

type Scripts = Readonly<Record<string, Script>>;

/** For each link on the route to a ring: the step that follows it, and a pool where it leads to an untrusted origin. */
const linksAway: [link: string, step: string, scripts: (untrusted: string) => Scripts][] = [
  ['user', 'challenge', (origin) => ({ 'GET /': { json: links({ user: `${origin}/user` }) } })],
  [
    'the redirect of discovery',
    'discovery',
    (origin) => ({ 'GET /': { json: links({ redirect: `${origin}/` }) } }),
  ],
  [
    'the href of the challenge',
    'token',
    (origin) => ({ 'GET /user without a token': challenge(`${origin}/token`) }),
  ],
  [
    'the redirect of user',
    'home-pool',
    (origin) => ({ 'GET /user': { json: links({ redirect: `${origin}/` }) } }),
  ],
  [
    'user after a redirect',
    'challenge',
    (origin) => ({
      'GET /user': { json: links({ redirect: '/next' }) },
      'GET /next': { json: links({ user: `${origin}/user` }) },
    }),
  ],
  [
    'applications',
    'challenge',
    (origin) => ({ 'GET /user': { json: links({ applications: `${origin}/applications` }) } }),
  ],
  [
    'callForwardingSettings',
    'read',
    (origin) => ({ 'POST /applications': { json: application({ settings: `${origin}/settings` }) } }),
  ],
  [
    'simultaneousRingToContact',
    'write',
    (origin) => ({ 'GET /settings': { json: settings({ ring: `${origin}/ring` }) } }),
  ],
  [
    'contact',
    'contact',
    (origin) => ({ 'GET /settings': { json: settings({ contact: `${origin}/contact` }) } }),
  ],
];

describe('an untrusted host gets nothing, not even a connection, if it is named by', () => {
  it.each(linksAway)('%s (step %s)', async (_link, step, scripts) => {
    const untrusted = await serveUntrusted();
    const pool = await startScriptedPool(scripts(untrusted.origin));

    const failure = await failureOf(setRing(openSession(openClient(pool)), mobile));

    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(failure).toMatchObject({ step, host: '127.0.0.2' });
    expect(String(failure)).toContain('leads to http://127.0.0.2, which is not trusted');
    expect(untrusted.connections).toBe(0);
  });

  it.each<[string, string, (untrusted: string) => Scripts]>([
    ['discovery', 'discovery', (location) => ({ 'GET /': { status: 302, headers: { location } } })],
    [
      'the challenge',
      'challenge',
      (location) => ({ 'GET /user without a token': { status: 307, headers: { location } } }),
    ],
  ])(
    'the Location of %s, which is a redirect by something in front of UCWA',
    async (_name, step, scripts) => {
      const untrusted = await serveUntrusted();
      const pool = await startScriptedPool(scripts(`${untrusted.origin}/sign-in`));

      const failure = await failureOf(setRing(openSession(openClient(pool)), mobile));

      expect(failure).toBeInstanceOf(UcwaResponseError);
      expect(failure).toMatchObject({ step, host: new URL(pool.origin).host });
      expect(String(failure)).toContain('(a redirect to 127.0.0.2');
      expect(untrusted.connections).toBe(0);
    },
  );

  it('self of the application, which is then left to expire', async () => {
    const untrusted = await serveUntrusted();
    const json = application({ self: `${untrusted.origin}/app` });
    const pool = await startScriptedPool({ 'POST /applications': { status: 201, json } });
    const session = openSession(openClient(pool));
    await session.callForwarding.readSettings();
    await session.close(neverAborted());
    expect(pool.requests.at(-1)).toBe('GET /settings');
    expect(untrusted.connections).toBe(0);
  });

  it('the discovery URL itself', async () => {
    const untrusted = await serveUntrusted();
    const failure = await failureOf(openSession(openClient(untrusted)).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(untrusted.connections).toBe(0);
  });
});

describe('plain http', () => {
  it('is allowed for loopback hosts that are listed', async () => {
    const simulator = await simulate({ hosts: { pools: ['localhost'] } });
    const client = openClient(simulator, { trustedHosts: ['127.0.0.1', 'localhost'] });
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
  });

  it('is refused for loopback hosts that are not listed', async () => {
    const simulator = await simulate({ hosts: { pools: ['localhost'] } });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(failure).toMatchObject({ host: 'localhost' });
    expect(simulator.requests.map(({ pool }) => pool)).toEqual(['discovery']);
  });

  it('is refused for any other host, listed or not', async () => {
    const pool = await startScriptedPool({
      'GET /': { json: links({ user: 'http://pool.contoso.com/user' }) },
    });
    const client = openClient(pool, { trustedHosts: ['127.0.0.1', 'contoso.com'] });
    const failure = await failureOf(openSession(client).callForwarding.readSettings());
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(failure).toMatchObject({ problem: 'scheme' });
    expect(String(failure)).toContain(
      'in the discovery step leads to pool.contoso.com over http:// instead of https://',
    );
  });
});

describe('a link with a user name in it', () => {
  it('is refused although its host is trusted', async () => {
    const pool = await startScriptedPool({ 'GET /settings': { json: settings({ contact: '/contact' }) } });
    const session = openSession(openClient(pool));
    const { ring } = await readRing(session);
    const contact = new URL(ring.contact ?? '');
    contact.username = 'someone';
    expect(await failureOf(session.callForwarding.readContact(contact))).toBeInstanceOf(UntrustedHostError);
    expect(pool.requests.at(-1)).toBe('GET /settings');
  });
});
