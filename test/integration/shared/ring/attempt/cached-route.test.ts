import { describe, expect, it } from 'vitest';
import type { Fault, Step } from '../../../../../infra/local/ucwa-simulator/simulator.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openHarness,
  RecoveryHarness,
  ringMobile,
  ringsMobile,
} from '../../../../support/recovery/recovery-harness.ts';
import { countsOf } from '../../../../support/ucwa/simulation.ts';

const endless = Number.POSITIVE_INFINITY;

/** Someone whose ring is off, and whose way to the pool is remembered from turning it off. */
async function openWithRememberedWay(pools: readonly string[] = ['pool']) {
  const harness = await openHarness({ pools: [...pools] });
  const alice = harness.addUser('alice');
  await harness.outcome(alice);
  await harness.outcome(alice, { ring: 'off' });
  harness.simulator.clearRequests();
  return { harness, alice };
}

const notEnabled = { outcome: 'failed', code: 'user-not-enabled' } as const;
const rejected = { outcome: 'failed', code: 'ucwa-rejected' } as const;

const refusals: readonly [step: Step, answer: Fault['answer'], end: object][] = [
  ['application', { status: 403 }, rejected],
  ['read', { status: 403 }, notEnabled],
  ['write', { status: 403 }, notEnabled],
];

describe('403 of UCWA on a way that is remembered', () => {
  it.each(refusals)('at %s may mean that the way is old: it is found anew', async (step, answer) => {
    const { harness, alice } = await openWithRememberedWay();
    harness.simulator.fail({ step, answer });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['rediscover'] });
    expect(countsOf(harness.simulator)).toMatchObject({ discovery: 1, 'home-pool': 1, token: 1 });
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });

  it.each(refusals)('at %s is taken for true once the way is new', async (step, answer, end) => {
    const { harness, alice } = await openWithRememberedWay();
    harness.simulator.fail({ step, times: endless, answer });
    expect(await harness.outcome(alice)).toMatchObject({ ...end, recovery: ['rediscover'] });
    expect(harness.simulator.count(step)).toBe(2);
    expect(harness.simulator.applications(alice)).toBe(0);
  });
});

describe('a way that was found in the same attempt', () => {
  it.each(refusals)(
    'is not found anew for 403 at %s, though the application is not the first',
    async (step, answer, end) => {
      const harness = await openHarness();
      harness.simulator.fail({
        step: 'application',
        answer: { status: 410, subcode: 'TooManyApplications' },
      });
      harness.simulator.fail({ step, times: endless, answer });
      const outcome = await harness.outcome(harness.addUser('alice'));
      expect(outcome).toMatchObject({ ...end, recovery: ['fresh-application'] });
      expect(harness.simulator.count('discovery')).toBe(1);
    },
  );
});

describe('rights that somebody does not have', () => {
  it.each([
    ['Enterprise Voice', { enterpriseVoice: false }],
    ['simultaneous ring', { simultaneousRing: false }],
  ])('such as %s end as user-not-enabled', async (_right, profile) => {
    const harness = await openHarness();
    expect(await harness.outcome(harness.addUser('alice', profile))).toMatchObject({
      ...notEnabled,
      recovery: [],
    });
  });

  it.each([
    ['delegates', { delegates: false }, 'NoDelegatesConfigured'],
    ['team', { team: false }, 'NoTeamMembersConfigured'],
  ] as const)('such as %s end as ucwa-rejected', async (ring, profile, subcode) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice', profile);
    expect(await harness.outcome(alice, { ring })).toMatchObject({ ...rejected, ucwa: { subcode } });
  });

  it('are looked up on a new way where they were lost since', async () => {
    const { harness, alice } = await openWithRememberedWay();
    harness.addUser('alice', { enterpriseVoice: false });
    expect(await harness.outcome(alice)).toMatchObject({ ...notEnabled, recovery: ['rediscover'] });
  });
});

describe('a user who was moved to another pool', () => {
  it('is found there by the same attempt', async () => {
    const { harness, alice } = await openWithRememberedWay(['old', 'new']);
    harness.addUser('alice', { pool: 'new' });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['rediscover'] });
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });

  it('is found there when the old pool is gone', async () => {
    const { harness, alice } = await openWithRememberedWay(['registrar', 'old', 'new']);
    harness.addUser('alice', { pool: 'old' });
    await harness.outcome(alice);
    harness.addUser('alice', { pool: 'new' });
    await harness.simulator.stopPool('old');
    const outcome = await harness.outcome(alice);
    expect(outcome).toMatchObject({ outcome: 'applied', verified: true });
    expect(outcome.recovery.at(-1)).toBe('rediscover');
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });
});

describe('what went away since it was remembered', () => {
  const losses: readonly [
    what: string,
    lose: (harness: RecoveryHarness, user: SipUri) => void,
    recovery: string[],
  ][] = [
    ['a token', ({ simulator }, user) => simulator.expireTokens(user), ['fresh-token']],
    ['everybody’s tokens', ({ simulator }) => simulator.expireTokens(), ['fresh-token']],
    ['an application', ({ simulator }, user) => simulator.expireApplications(user), []],
  ];

  it.each(losses)('is made anew: %s', async (_what, lose, recovery) => {
    const { harness, alice } = await openWithRememberedWay();
    lose(harness, alice);
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery });
  });
});

it('tells the hosts that served somebody', async () => {
  const harness = await openHarness();
  await harness.outcome(harness.addUser('alice'));
  const { simulator } = harness;
  const hosts = [simulator.discoveryUrl, simulator.poolUrl()].map((url) => new URL(url).host);
  expect(harness.hostsUsed).toEqual(hosts);
});

describe('a refused connection', () => {
  it.each([
    ['discovery', 'nowhere', false],
    ['the pool', 'simulator', true],
  ])(
    'to %s is tried once on a new connection and once from discovery',
    async (_host, where, countsAsAttempt) => {
      const harness = await openHarness();
      await harness.simulator.stopPool('pool');
      const discoveryUrl = where === 'nowhere' ? `${harness.simulator.poolUrl()}/` : undefined;
      const instance = new RecoveryHarness(harness.simulator, {
        ...harness,
        ...(discoveryUrl === undefined ? {} : { discoveryUrl }),
      });
      const changed = await instance.change(harness.addUser('alice'));
      if (changed.kind !== 'deferred') throw new Error(`It is ${changed.kind}.`);
      const { outcome } = changed;
      expect(outcome).toMatchObject({
        outcome: 'deferred',
        code: 'ucwa-unavailable',
        recovery: ['retry', 'rediscover'],
        detail: expect.stringContaining('Connecting to 127.0.0.1'),
      });
      expect(changed.countsAsAttempt).toBe(countsAsAttempt);
      expect(instance.hostsUsed).toEqual([]);
      expect(outcome.requests - harness.simulator.requests.length).toBe(3);
    },
  );
});

describe('a target that the pool does not take in the body', () => {
  it('goes in the query, and for the next user there at once', async () => {
    const harness = await openHarness({ variants: { targetInBody: 'refused' } });
    const [alice, bob] = [harness.addUser('alice'), harness.addUser('bob')];
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: [] });
    expect(harness.simulator.count('write')).toBe(2);
    expect(await harness.outcome(bob)).toMatchObject({ outcome: 'applied', recovery: [] });
    expect(harness.simulator.count('write')).toBe(3);
  });

  it('nor in the query is refused for good, after both were tried once', async () => {
    const harness = await openHarness();
    harness.simulator.fail({
      step: 'write',
      times: endless,
      answer: { status: 400, subcode: 'NormalizationFailed' },
    });
    const alice = harness.addUser('alice');
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ ...rejected, recovery: [] });
    const posts = harness.simulator.requests.filter(({ step }) => step === 'write');
    expect(posts.map(({ targetIn }) => targetIn)).toEqual(['body', 'query']);
    expect(harness.simulator.applications(alice)).toBe(0);
  });
});
