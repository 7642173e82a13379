import { describe, expect, it } from 'vitest';
import { UntrustedHostError } from '../../../../shared/ucwa/errors.ts';
import {
  openClient,
  openSession,
  proven,
  readRing,
  setRing,
  unhurried,
} from '../../../support/ucwa/client.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';
import { serveElsewhere } from '../../../support/ucwa/http-server.ts';
import { mobile } from '../../../support/ucwa/people.ts';
import {
  application,
  challenge,
  links,
  playPool,
  type Script,
  settings,
} from '../../../support/ucwa/scripted-pool.ts';
import { simulate } from '../../../support/ucwa/simulation.ts';

type Scripts = Readonly<Record<string, Script>>;

/** For each link on the way to a ring: a pool where that link leads elsewhere, and the step that would follow it. */
const waysOut: [link: string, step: string, scripts: (elsewhere: string) => Scripts][] = [
  ['user', 'challenge', (origin) => ({ 'GET /': { json: links({ user: `${origin}/user` }) } })],
  [
    'redirect of discovery',
    'discovery',
    (origin) => ({ 'GET /': { json: links({ redirect: `${origin}/` }) } }),
  ],
  [
    'Location of discovery',
    'discovery',
    (origin) => ({ 'GET /': { status: 302, headers: { location: `${origin}/` } } }),
  ],
  [
    'Location of the challenge',
    'challenge',
    (origin) => ({ 'GET /user without a token': { status: 307, headers: { location: `${origin}/user` } } }),
  ],
  [
    'href of the challenge',
    'token',
    (origin) => ({ 'GET /user without a token': challenge(`${origin}/token`) }),
  ],
  [
    'redirect of user',
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

describe('a host that is not trusted gets nothing, not even a connection, where it is named by the link', () => {
  it.each(waysOut)('%s (step %s)', async (_link, step, scripts) => {
    const elsewhere = await serveElsewhere();
    const pool = await playPool(scripts(elsewhere.origin));

    const failure = await failureOf(setRing(openSession(openClient(pool)), mobile));

    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(failure).toMatchObject({ step, host: '127.0.0.2' });
    expect(String(failure)).toContain('http://127.0.0.2 is not trusted');
    expect(elsewhere.connections).toBe(0);
  });

  it('self of the application, which is then left to expire', async () => {
    const elsewhere = await serveElsewhere();
    const json = application({ self: `${elsewhere.origin}/app` });
    const pool = await playPool({ 'POST /applications': { status: 201, json } });
    const session = openSession(openClient(pool));
    await session.readSettings();
    await session.close(unhurried());
    expect(pool.requests.at(-1)).toBe('GET /settings');
    expect(elsewhere.connections).toBe(0);
  });

  it('the first one, of discovery itself', async () => {
    const elsewhere = await serveElsewhere();
    const failure = await failureOf(openSession(openClient(elsewhere)).readSettings());
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(elsewhere.connections).toBe(0);
  });
});

describe('http', () => {
  it('is for loopback hosts that are listed', async () => {
    const simulator = await simulate({ hosts: { pools: ['localhost'] } });
    const client = openClient(simulator, { trustedHosts: ['127.0.0.1', 'localhost'] });
    expect(await setRing(openSession(client), mobile)).toEqual(proven);
  });

  it('is not for loopback hosts that are not listed', async () => {
    const simulator = await simulate({ hosts: { pools: ['localhost'] } });
    const failure = await failureOf(setRing(openSession(openClient(simulator)), mobile));
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(failure).toMatchObject({ host: 'localhost' });
    expect(simulator.requests.map(({ pool }) => pool)).toEqual(['discovery']);
  });

  it('is for no other host, listed or not', async () => {
    const pool = await playPool({ 'GET /': { json: links({ user: 'http://pool.contoso.com/user' }) } });
    const client = openClient(pool, { trustedHosts: ['127.0.0.1', 'contoso.com'] });
    const failure = await failureOf(openSession(client).readSettings());
    expect(failure).toBeInstanceOf(UntrustedHostError);
    expect(String(failure)).toContain('http://pool.contoso.com is not trusted');
  });
});

describe('a link with a user name in it', () => {
  it('leads nowhere, though its host is trusted', async () => {
    const pool = await playPool({ 'GET /settings': { json: settings({ contact: '/contact' }) } });
    const session = openSession(openClient(pool));
    const { ring } = await readRing(session);
    const contact = new URL(ring.contact ?? '');
    contact.username = 'someone';
    expect(await failureOf(session.readContact(contact))).toBeInstanceOf(UntrustedHostError);
    expect(pool.requests.at(-1)).toBe('GET /settings');
  });
});
