import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type {
  CallForwardingState,
  SimulatorOptions,
} from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { DesiredRing } from '../../../../../shared/ring/model/desired-ring.ts';
import { type Bend, bendLink, serveBent } from '../../../../support/recovery/altering-proxy.ts';
import { type HostileServer, listenInAmbush } from '../../../../support/recovery/hostile-server.ts';
import { openHarness, RecoveryHarness, ringMobile } from '../../../../support/recovery/recovery-harness.ts';

type Elsewhere = (honest: string) => string;

interface Way {
  readonly place: string;
  readonly bend: (elsewhere: Elsewhere) => Bend;
  readonly desired?: DesiredRing;
  readonly variants?: SimulatorOptions['variants'];
  readonly settings?: Partial<CallForwardingState>;
  /** The link is followed when the work is done: nothing depends on it. */
  readonly isHarmless?: true;
}

const link = (rel: string) => (elsewhere: Elsewhere) => bendLink(rel, elsewhere);

const rung: Partial<CallForwardingState> = {
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

/** Everything that leads on, from the root of a domain to clean-up. */
const ways: readonly Way[] = [
  { place: 'user', bend: link('user') },
  { place: 'redirect of discovery', variants: { discovery: 'redirect' }, bend: link('redirect') },
  {
    place: 'the second redirect of discovery',
    variants: { discovery: 'redirect-chain' },
    bend: (elsewhere) => (answer) =>
      answer.line === 'GET /' ? answer : bendLink('redirect', elsewhere)(answer),
  },
  {
    place: 'Location of discovery',
    variants: { discovery: 'http-redirect' },
    bend: (elsewhere) => bendHeader('location', elsewhere),
  },
  {
    place: 'Location of the challenge',
    bend: (elsewhere) => (answer) =>
      answer.status === 401
        ? { ...answer, status: 307, headers: { location: elsewhere('/autodiscover/user') } }
        : answer,
  },
  { place: 'href of MsRtcOAuth', bend: (elsewhere) => bendHeader('www-authenticate', bendOAuth(elsewhere)) },
  {
    place: 'href of MsRtcOAuth, without quotes',
    variants: { challenge: 'unquoted-href' },
    bend: (elsewhere) => bendHeader('www-authenticate', bendOAuth(elsewhere)),
  },
  { place: 'redirect of user', bend: (elsewhere) => redirectUser(elsewhere) },
  {
    place: 'user of the redirect of user',
    bend: (elsewhere) => (answer) =>
      answer.line.endsWith('/next')
        ? json(answer, { _links: { user: { href: elsewhere('/user') } } })
        : redirectUser(() => '/next')(answer),
  },
  { place: 'applications', bend: link('applications') },
  { place: 'self of the application', bend: link('self'), isHarmless: true },
  { place: 'callForwardingSettings', bend: link('callForwardingSettings') },
  { place: 'simultaneousRingSettings', variants: linked, bend: link('simultaneousRingSettings') },
  {
    place: 'immediateForwardSettings',
    variants: linked,
    settings: forwarded,
    bend: link('immediateForwardSettings'),
  },
  { place: 'unansweredCallSettings', variants: linked, bend: link('unansweredCallSettings') },
  { place: 'contact of who is rung', settings: rung, bend: link('contact') },
  { place: 'contact of who calls are forwarded to', settings: forwarded, bend: link('contact') },
  { place: 'contact of who gets unanswered calls', settings: unanswered, bend: link('contact') },
  { place: 'contact that proves a change', bend: link('contact') },
  { place: 'simultaneousRingToContact', bend: link('simultaneousRingToContact') },
  {
    place: 'simultaneousRingToDelegates',
    desired: { ring: 'delegates' },
    bend: link('simultaneousRingToDelegates'),
  },
  { place: 'simultaneousRingToTeam', desired: { ring: 'team' }, bend: link('simultaneousRingToTeam') },
  { place: 'turnOffCallForwarding', desired: off, settings: rung, bend: link('turnOffCallForwarding') },
  {
    place: 'unansweredCallToContact',
    desired: off,
    settings: { ...rung, ...unanswered },
    bend: link('unansweredCallToContact'),
  },
];

function bendHeader(name: string, elsewhere: Elsewhere): Bend {
  return (answer) => {
    const value = answer.headers[name];
    return value === undefined
      ? answer
      : { ...answer, headers: { ...answer.headers, [name]: elsewhere(value) } };
  };
}

function bendOAuth(elsewhere: Elsewhere): Elsewhere {
  return (header) => header.replace(/href="?([^",]+)"?/, (_whole, href) => `href="${elsewhere(href)}"`);
}

function redirectUser(elsewhere: Elsewhere): Bend {
  return (answer) =>
    answer.line.endsWith('/user') && answer.hasToken
      ? json(answer, { _links: { redirect: { href: elsewhere('/redirect') } } })
      : answer;
}

function json(answer: Parameters<Bend>[0], body: object): ReturnType<Bend> {
  return {
    ...answer,
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Ways of writing the hostile host that a parser of URLs takes for it. */
const forms: readonly [form: string, address: string, write: (host: string) => string][] = [
  ['another address', '127.0.0.2', (host) => `http://${host}`],
  ['another address over https', '127.0.0.2', (host) => `https://${host}`],
  ['this machine by an address that is not listed', '::1', (host) => `http://${host}`],
  ['a trusted host as the user name', '127.0.0.2', (host) => `http://127.0.0.1@${host}`],
];

describe.each(ways)('a hostile server that $place leads to', ({ isHarmless, ...way }) => {
  it.each(forms)('as %s gets nothing', async (_form, address, write) => {
    const { hostile, changed } = await lure(way, address, write);
    expect(hostile.visits).toBe(0);
    if (isHarmless) {
      expect(changed).toMatchObject({ kind: 'ended', outcome: { outcome: 'applied', verified: true } });
    } else {
      expect(changed).toMatchObject({
        kind: 'deferred',
        countsAsAttempt: false,
        outcome: { code: 'misconfigured', detail: expect.stringContaining('UCWA_TRUSTED_HOSTS') },
      });
    }
  });

  it.each(['//', '/\\', '\\\\'])('by %s, which stays on the host, gets nothing', async (slashes) => {
    const { hostile } = await lure(way, '127.0.0.2', (host) => slashes + host);
    expect(hostile.visits).toBe(0);
  });
});

describe('the hostile server', () => {
  it('would tell if anybody came', async () => {
    const hostile = await listenInAmbush('127.0.0.2');
    const [host, port] = hostile.host.split(':');
    await new Promise<void>((resolve) => connect(Number(port), host).once('close', () => resolve()));
    expect(hostile.visits).toBe(1);
  });

  it('gets nothing where it is discovery itself', async () => {
    const hostile = await listenInAmbush('127.0.0.2');
    const harness = await openHarness({}, { discoveryUrl: `http://${hostile.host}/` });
    expect(await harness.outcome(harness.addUser('alice'))).toMatchObject({
      code: 'misconfigured',
      requests: 0,
    });
    expect(hostile.visits).toBe(0);
  });
});

async function lure(
  { bend, desired = ringMobile, variants = {}, settings = {} }: Omit<Way, 'place' | 'isHarmless'>,
  address: string,
  write: (host: string) => string,
): Promise<{ hostile: HostileServer; changed: Awaited<ReturnType<RecoveryHarness['change']>> }> {
  const hostile = await listenInAmbush(address);
  const { simulator } = await openHarness({ variants: { ...variants } });
  const elsewhere: Elsewhere = (honest) => write(hostile.host) + honest.replace(/^https?:\/\/[^/]+/, '');
  const bent = await serveBent(simulator, bend(elsewhere));
  const harness = new RecoveryHarness(simulator, { discoveryUrl: bent.discoveryUrl });
  const alice = harness.addUser('alice', { settings });
  return { hostile, changed: await harness.change(alice, desired) };
}
