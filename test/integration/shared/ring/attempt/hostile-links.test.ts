import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type {
  CallForwardingState,
  SimulatorOptions,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import {
  type Alteration,
  alterLink,
  startAlteringProxy,
} from '../../../../support/recovery/altering-proxy.ts';
import { type HostileServer, startHostileServer } from '../../../../support/recovery/hostile-server.ts';
import { openHarness, RecoveryHarness, ringMobile } from '../../../../support/recovery/recovery-harness.ts';

/** Returns the hostile URL that replaces one of the server's. */
type ToHostile = (url: string) => string;

/** A URL from a server that the client follows, and how to make it lead to another host. */
interface FollowedUrl {
  readonly name: string;
  readonly alter: (toHostile: ToHostile) => Alteration;
  readonly desired?: DesiredRing;
  readonly variants?: SimulatorOptions['variants'];
  readonly settings?: Partial<CallForwardingState>;
  /** Followed after the change, which succeeds anyway. */
  readonly isOptional?: true;
  /** UCWA redirects by links: a header that leads away is most likely that of something in front of it. */
  readonly isHeader?: true;
}

const link = (rel: string) => (toHostile: ToHostile) => alterLink(rel, toHostile);

const ringing: Partial<CallForwardingState> = {
  activeSetting: 'SimultaneousRing',
  simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'sip:carol@contoso.com' },
};
const forwarded: Partial<CallForwardingState> = {
  activeSetting: 'ImmediateForward',
  immediateForward: { target: 'Contact', contact: 'sip:carol@contoso.com' },
};
const unanswered: Partial<CallForwardingState> = {
  unanswered: { target: 'Contact', ringDelay: 20, contact: 'sip:carol@contoso.com' },
};
const linked = { settings: 'linked' } as const;
const off: DesiredRing = { ring: 'off' };

/** Every URL that is followed, from the discovery root to clean-up. */
const followedUrls: readonly FollowedUrl[] = [
  { name: 'user', alter: link('user') },
  { name: 'redirect of discovery', variants: { discovery: 'redirect' }, alter: link('redirect') },
  {
    name: 'second redirect of discovery',
    variants: { discovery: 'redirect-chain' },
    alter: (toHostile) => (response) =>
      response.line === 'GET /' ? response : alterLink('redirect', toHostile)(response),
  },
  {
    name: 'Location header of discovery',
    isHeader: true,
    variants: { discovery: 'http-redirect' },
    alter: (toHostile) => alterHeader('location', toHostile),
  },
  {
    name: 'Location header of the challenge',
    isHeader: true,
    alter: (toHostile) => (response) =>
      response.status === 401
        ? { ...response, status: 307, headers: { location: toHostile('/autodiscover/user') } }
        : response,
  },
  {
    name: 'href of MsRtcOAuth',
    alter: (toHostile) => alterHeader('www-authenticate', alterOAuth(toHostile)),
  },
  {
    name: 'unquoted href of MsRtcOAuth',
    variants: { challenge: 'unquoted-href' },
    alter: (toHostile) => alterHeader('www-authenticate', alterOAuth(toHostile)),
  },
  { name: 'user redirect', alter: (toHostile) => redirectUser(toHostile) },
  {
    name: 'user link after a user redirect',
    alter: (toHostile) => (response) =>
      response.line.endsWith('/next')
        ? json(response, { _links: { user: { href: toHostile('/user') } } })
        : redirectUser(() => '/next')(response),
  },
  { name: 'applications', alter: link('applications') },
  { name: 'self of the application', alter: link('self'), isOptional: true },
  { name: 'callForwardingSettings', alter: link('callForwardingSettings') },
  { name: 'simultaneousRingSettings', variants: linked, alter: link('simultaneousRingSettings') },
  {
    name: 'immediateForwardSettings',
    variants: linked,
    settings: forwarded,
    alter: link('immediateForwardSettings'),
  },
  { name: 'unansweredCallSettings', variants: linked, alter: link('unansweredCallSettings') },
  { name: 'contact of the simultaneous ring', settings: ringing, alter: link('contact') },
  { name: 'contact of the immediate forward', settings: forwarded, alter: link('contact') },
  { name: 'contact for unanswered calls', settings: unanswered, alter: link('contact') },
  { name: 'contact that proves the change', alter: link('contact') },
  { name: 'simultaneousRingToContact', alter: link('simultaneousRingToContact') },
  {
    name: 'simultaneousRingToDelegates',
    desired: { ring: 'delegates' },
    alter: link('simultaneousRingToDelegates'),
  },
  { name: 'simultaneousRingToTeam', desired: { ring: 'team' }, alter: link('simultaneousRingToTeam') },
  { name: 'turnOffCallForwarding', desired: off, settings: ringing, alter: link('turnOffCallForwarding') },
  {
    name: 'unansweredCallToContact',
    desired: off,
    settings: { ...ringing, ...unanswered },
    alter: link('unansweredCallToContact'),
  },
];

function alterHeader(name: string, toHostile: ToHostile): Alteration {
  return (response) => {
    const value = response.headers[name];
    return value === undefined
      ? response
      : { ...response, headers: { ...response.headers, [name]: toHostile(value) } };
  };
}

function alterOAuth(toHostile: ToHostile): ToHostile {
  return (header) => header.replace(/href="?([^",]+)"?/, (_whole, href) => `href="${toHostile(href)}"`);
}

function redirectUser(toHostile: ToHostile): Alteration {
  return (response) =>
    response.line.endsWith('/user') && response.hasToken
      ? json(response, { _links: { redirect: { href: toHostile('/redirect') } } })
      : response;
}

function json(response: Parameters<Alteration>[0], body: object): ReturnType<Alteration> {
  return {
    ...response,
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** URLs that lead to the hostile host in a way that a careless check could miss. */
const forms: readonly [form: string, address: string, write: (host: string) => string][] = [
  ['another address', '127.0.0.2', (host) => `http://${host}`],
  ['another address and https', '127.0.0.2', (host) => `https://${host}`],
  ['an untrusted address of this machine', '::1', (host) => `http://${host}`],
  ['a trusted host as its user name', '127.0.0.2', (host) => `http://127.0.0.1@${host}`],
];

describe.each(followedUrls)('a hostile server that "$name" leads to', ({ isOptional, isHeader, ...url }) => {
  it.each(forms)('receives no connection where its URL has %s', async (_form, address, write) => {
    const { hostile, changed } = await changeWith(url, address, write);
    expect(hostile.connections).toBe(0);
    if (isOptional) {
      expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied', verified: true } });
    } else {
      expect(changed).toMatchObject({
        kind: 'deferred',
        countsAsAttempt: isHeader === true,
        outcome: {
          code: isHeader ? 'ucwa-unavailable' : 'misconfigured',
          detail: expect.stringContaining('UCWA_TRUSTED_HOSTS'),
        },
      });
    }
  });

  it.each(['//', '/\\', '\\\\'])(
    'receives no connection where its host follows %s, which makes it part of a path',
    async (slashes) => {
      const { hostile } = await changeWith(url, '127.0.0.2', (host) => slashes + host);
      expect(hostile.connections).toBe(0);
    },
  );
});

describe('the hostile server of these tests', () => {
  it('counts a connection', async () => {
    const hostile = await startHostileServer('127.0.0.2');
    const [host, port] = hostile.host.split(':');
    await new Promise<void>((resolve) => connect(Number(port), host).once('close', () => resolve()));
    expect(hostile.connections).toBe(1);
  });

  it('receives no connection where it is configured for discovery', async () => {
    const hostile = await startHostileServer('127.0.0.2');
    const harness = await openHarness({}, { discoveryUrl: `http://${hostile.host}/` });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({
      code: 'misconfigured',
      requests: 0,
    });
    expect(hostile.connections).toBe(0);
  });
});

/** Changes Alice's ring through a proxy that makes one followed URL lead to a hostile server. */
async function changeWith(
  {
    alter,
    desired = ringMobile,
    variants = {},
    settings = {},
  }: Omit<FollowedUrl, 'name' | 'isOptional' | 'isHeader'>,
  address: string,
  write: (host: string) => string,
): Promise<{ hostile: HostileServer; changed: Awaited<ReturnType<RecoveryHarness['change']>> }> {
  const hostile = await startHostileServer(address);
  const { simulator } = await openHarness({ variants: { ...variants } });
  const toHostile: ToHostile = (followed) => write(hostile.host) + followed.replace(/^https?:\/\/[^/]+/, '');
  const proxy = await startAlteringProxy(simulator, alter(toHostile));
  const harness = new RecoveryHarness(simulator, { discoveryUrl: proxy.discoveryUrl });
  const alice = harness.addUser('alice', { settings });
  return { hostile, changed: await harness.change(alice, desired) };
}
