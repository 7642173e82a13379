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

/** Opens a harness with Alice, whose ring is off and whose route to the pool is cached. */
async function openWithCachedRoute(pools: readonly string[] = ['pool']) {
  const harness = await openHarness({ pools: [...pools] });
  const alice = harness.addUser('alice');
  await harness.outcome(alice);
  await harness.outcome(alice, { ring: 'off' });
  harness.simulator.clearRequests();
  return { harness, alice };
}

const notEnabled = { outcome: 'failed', code: 'user-not-enabled' } as const;
const rejected = { outcome: 'failed', code: 'ucwa-rejected' } as const;

const refusals: readonly [step: Step, answer: Fault['answer'], expected: object][] = [
  ['application', { status: 403 }, rejected],
  ['read', { status: 403 }, notEnabled],
  ['write', { status: 403 }, notEnabled],
];

describe('a UCWA error 403 on a cached route', () => {
  it.each(refusals)('at the step %s leads to rediscovery', async (step, answer) => {
    const { harness, alice } = await openWithCachedRoute();
    harness.simulator.fail({ step, answer });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['rediscover'] });
    expect(countsOf(harness.simulator)).toMatchObject({ discovery: 1, 'home-pool': 1, token: 1 });
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });

  it.each(refusals)(
    'at the step %s is final when it persists on the new route',
    async (step, answer, expected) => {
      const { harness, alice } = await openWithCachedRoute();
      harness.simulator.fail({ step, times: endless, answer });
      expect(await harness.outcome(alice)).toMatchObject({ ...expected, recovery: ['rediscover'] });
      expect(harness.simulator.count(step)).toBe(2);
      expect(harness.simulator.applications(alice)).toBe(0);
    },
  );
});

describe('a route that was discovered in the same attempt', () => {
  it.each(refusals)(
    'is not rediscovered for a UCWA error 403 at the step %s, even with a fresh application',
    async (step, answer, expected) => {
      const harness = await openHarness();
      harness.simulator.fail({
        step: 'application',
        answer: { status: 410, subcode: 'TooManyApplications' },
      });
      harness.simulator.fail({ step, times: endless, answer });
      const outcome = await harness.outcome(harness.addUser('alice'));
      expect(outcome).toMatchObject({ ...expected, recovery: ['fresh-application'] });
      expect(harness.simulator.count('discovery')).toBe(1);
    },
  );
});

describe('a user', () => {
  it.each([
    ['Enterprise Voice', { enterpriseVoice: false }],
    ['simultaneous ring', { simultaneousRing: false }],
  ])('without %s ends as user-not-enabled', async (_right, profile) => {
    const harness = await openHarness();
    expect(await harness.outcome(harness.addUser('alice', profile))).toMatchObject({
      ...notEnabled,
      recovery: [],
    });
  });

  it.each([
    ['delegates', { delegates: false }, 'NoDelegatesConfigured'],
    ['team', { team: false }, 'NoTeamMembersConfigured'],
  ] as const)('with no %s configured ends as ucwa-rejected for that ring', async (ring, profile, subcode) => {
    const harness = await openHarness();
    const alice = harness.addUser('alice', profile);
    expect(await harness.outcome(alice, { ring })).toMatchObject({ ...rejected, ucwa: { subcode } });
  });

  it('who lost Enterprise Voice is rediscovered before ending as user-not-enabled', async () => {
    const { harness, alice } = await openWithCachedRoute();
    harness.addUser('alice', { enterpriseVoice: false });
    expect(await harness.outcome(alice)).toMatchObject({ ...notEnabled, recovery: ['rediscover'] });
  });
});

describe('a user moved to another pool', () => {
  it('is found on the new pool within the same attempt', async () => {
    const { harness, alice } = await openWithCachedRoute(['old', 'new']);
    harness.addUser('alice', { pool: 'new' });
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: ['rediscover'] });
    expect(ringsMobile(harness.simulator, alice)).toBe(true);
  });

  it('is found on the new pool although the old one is down', async () => {
    const { harness, alice } = await openWithCachedRoute(['registrar', 'old', 'new']);
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

describe('a cached route', () => {
  const losses: readonly [
    name: string,
    lose: (harness: RecoveryHarness, user: SipUri) => void,
    recovery: string[],
  ][] = [
    ['the user’s token expired', ({ simulator }, user) => simulator.expireTokens(user), ['fresh-token']],
    ['all tokens expired', ({ simulator }) => simulator.expireTokens(), ['fresh-token']],
    ['the application expired', ({ simulator }, user) => simulator.expireApplications(user), []],
  ];

  it.each(losses)('still leads to applied after %s', async (_name, lose, recovery) => {
    const { harness, alice } = await openWithCachedRoute();
    lose(harness, alice);
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery });
  });
});

describe('an applied change', () => {
  it('reports the hosts that served the user', async () => {
    const harness = await openHarness();
    await harness.outcome(harness.addUser('alice'));
    const { simulator } = harness;
    const hosts = [simulator.discoveryUrl, simulator.poolUrl()].map((url) => new URL(url).host);
    expect(harness.hostsServed).toEqual(hosts);
  });
});

describe('a refused connection', () => {
  it.each([
    ['discovery', false],
    ['the pool', true],
  ])(
    'to %s is retried on a new connection and after rediscovery, and counts as an attempt: %s',
    async (host, countsAsAttempt) => {
      const harness = await openHarness();
      await harness.simulator.stopPool('pool');
      const discoveryUrl = host === 'discovery' ? `${harness.simulator.poolUrl()}/` : undefined;
      const instance = new RecoveryHarness(harness.simulator, {
        ...harness,
        ...(discoveryUrl === undefined ? {} : { discoveryUrl }),
      });
      const changed = await instance.change(harness.addUser('alice'));
      if (changed.kind !== 'deferred') throw new Error(`The change is ${changed.kind}.`);
      const { outcome } = changed;
      expect(outcome).toMatchObject({
        outcome: 'deferred',
        code: 'ucwa-unavailable',
        recovery: ['retry', 'rediscover'],
        detail: expect.stringContaining('Connecting to 127.0.0.1'),
      });
      expect(changed.countsAsAttempt).toBe(countsAsAttempt);
      expect(instance.hostsServed).toEqual([]);
      expect(outcome.requests - harness.simulator.requests.length).toBe(3);
    },
  );
});

describe('a target that the pool refuses in the body', () => {
  it('is sent in the query, and at once in the query for the next user of the pool', async () => {
    const harness = await openHarness({ variants: { targetInBody: 'refused' } });
    const [alice, bob] = [harness.addUser('alice'), harness.addUser('bob')];
    expect(await harness.outcome(alice)).toMatchObject({ outcome: 'applied', recovery: [] });
    expect(harness.simulator.count('write')).toBe(2);
    expect(await harness.outcome(bob)).toMatchObject({ outcome: 'applied', recovery: [] });
    expect(harness.simulator.count('write')).toBe(3);
  });

  it('and in the query ends as ucwa-rejected after one try of each', async () => {
    const harness = await openHarness();
    harness.simulator.fail({
      step: 'write',
      times: endless,
      answer: { status: 400, subcode: 'NormalizationFailed' },
    });
    const alice = harness.addUser('alice');
    expect(await harness.outcome(alice, ringMobile)).toMatchObject({ ...rejected, recovery: [] });
    const writes = harness.simulator.requests.filter(({ step }) => step === 'write');
    expect(writes.map(({ targetIn }) => targetIn)).toEqual(['body', 'query']);
    expect(harness.simulator.applications(alice)).toBe(0);
  });
});
