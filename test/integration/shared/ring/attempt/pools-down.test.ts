import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tried } from '../../../../../shared/ring/user/tried.ts';
import { Semaphore } from '../../../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openHarness,
  type RecoveryHarness,
  requestsAtOnce,
  ringsMobile,
} from '../../../../support/recovery/recovery-harness.ts';
import { countsOf } from '../../../../support/ucwa/simulation.ts';

const pools = ['one', 'two', 'three'] as const;
const usersPerPool = 30;
const concurrency = 4;
/** Ten failures in a row pause a pool; the other requests in progress at that moment may fail too. */
const requestsUntilPaused = 10 + concurrency - 1;
/** Each 503 halves the number of requests at once; a pool is paused only after that has reached one. */
const requestsUntilThrottled = Math.log2(requestsAtOnce) * concurrency;

/** How a pool is down, the most requests that it gets before it is paused, and how it goes down and comes back. */
const outages: readonly [
  name: string,
  maxRequests: number,
  stop: (harness: RecoveryHarness) => Promise<void> | void,
  start: (harness: RecoveryHarness) => Promise<void> | void,
][] = [
  [
    'refuses connections',
    requestsUntilPaused,
    ({ simulator }) => simulator.stopPool('three'),
    ({ simulator }) => simulator.startPool('three'),
  ],
  ...(
    [
      ['returns 503 to every request', requestsUntilThrottled + requestsUntilPaused, { status: 503 }],
      ['is hidden behind 502', requestsUntilPaused, { status: 502, format: 'html' }],
      ['is hidden behind 504', requestsUntilPaused, { status: 504, format: 'html' }],
      ['resets every connection', requestsUntilPaused, { kind: 'reset' }],
    ] as const
  ).map(([name, maxRequests, answer]): (typeof outages)[number] => [
    name,
    maxRequests,
    ({ simulator }) => simulator.fail({ pool: 'three', times: Number.POSITIVE_INFINITY, answer }),
    ({ simulator }) => simulator.clearFaults(),
  ]),
];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-23T09:00:00Z') });
});

afterEach(() => {
  vi.useRealTimers();
});

describe.each(outages)('a pool that %s', (_name, maxRequests, stop, start) => {
  it('is paused while the users of the other pools are served without any failure', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const users = addUsersEverywhere(harness);
    await stop(harness);

    const changes = await changeAll(harness, users.all);

    for (const user of [...users.one, ...users.two]) {
      expect(changes.get(user)).toMatchObject({
        outcome: { outcome: 'applied', verified: true, recovery: [] },
      });
      expect(ringsMobile(harness.simulator, user)).toBe(true);
    }
    for (const user of users.three) {
      expect(changes.get(user)).toMatchObject({ kind: 'deferred', outcome: { code: 'ucwa-unavailable' } });
    }
    expect(requestsToThree(harness, changes)).toBeLessThanOrEqual(maxRequests);
    expect(harness.poolChanges).toEqual([`${hostOfThree(harness)} paused`]);
  });

  it('receives no request while it is paused, and no attempt is counted', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const users = addUsersEverywhere(harness);
    await stop(harness);
    await changeAll(harness, users.three);

    const changes = await changeAll(harness, users.three);

    expect(requestsToThree(harness, changes)).toBe(0);
    for (const changed of changes.values()) {
      expect(changed).toMatchObject({
        kind: 'deferred',
        countsAsAttempt: false,
        outcome: { detail: expect.stringContaining('is paused'), recovery: [] },
      });
    }
  });

  it('receives one request when its pause ends, and is paused again', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const users = addUsersEverywhere(harness);
    await stop(harness);
    await changeAll(harness, users.three);

    for (const seconds of [60, 60, 60]) {
      vi.setSystemTime(Date.now() + seconds * 1000);
      const changes = await changeAll(harness, users.three);
      expect(requestsToThree(harness, changes)).toBe(1);
    }
  });

  it('resumes after one successful request, and its users are served', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const users = addUsersEverywhere(harness);
    await stop(harness);
    await changeAll(harness, users.three);
    await start(harness);
    expect(requestsToThree(harness, await changeAll(harness, users.three))).toBe(0);
    vi.setSystemTime(Date.now() + 60_000);

    const changes = await changeAll(harness, users.three);

    for (const user of users.three) {
      expect(changes.get(user)).toMatchObject({
        outcome: { outcome: 'applied', verified: true, recovery: [] },
      });
      expect(ringsMobile(harness.simulator, user)).toBe(true);
    }
    expect(harness.poolChanges).toEqual([
      `${hostOfThree(harness)} paused`,
      `${hostOfThree(harness)} resumed`,
    ]);
    expect(harness.simulator.totals().applications).toBe(0);
  });
});

describe('a pool that responds to no request', () => {
  it('is paused after ten of them', async () => {
    const harness = await openHarness();
    harness.simulator.fail({ pool: 'pool', times: Number.POSITIVE_INFINITY, answer: { kind: 'hang' } });
    const users = Array.from({ length: 5 }, (_, index) => harness.addUser(`user-${index}`));
    const hangs: number[] = [];
    for (const user of users) {
      expect(await harness.outcome(user)).toMatchObject({ outcome: 'deferred', code: 'ucwa-unavailable' });
      hangs.push(harness.simulator.count('challenge'));
    }
    expect(hangs).toEqual([4, 8, 10, 10, 10]);
  });
});

describe('a pool that responds', () => {
  it('is not paused by failures of single users, however many there are', async () => {
    const harness = await openHarness();
    harness.simulator.fail({
      step: 'write',
      times: Number.POSITIVE_INFINITY,
      answer: { status: 500, subcode: 'CallbackChannelError' },
    });
    const users = Array.from({ length: usersPerPool }, (_, index) => harness.addUser(`user-${index}`));
    const changes = await changeAll(harness, users);
    for (const changed of changes.values()) {
      expect(changed).toMatchObject({ kind: 'deferred', countsAsAttempt: true });
    }
    expect(countsOf(harness.simulator)['write']).toBe(4 * usersPerPool);
    expect(harness.poolChanges).toEqual([]);
  });
});

type UsersByPool = Record<(typeof pools)[number] | 'all', SipUri[]>;

/** Adds the same number of users to every pool, alternating between pools as in a list sorted by name. */
function addUsersEverywhere(harness: RecoveryHarness): UsersByPool {
  const users: UsersByPool = { one: [], two: [], three: [], all: [] };
  for (let index = 0; index < usersPerPool; index++) {
    for (const pool of pools) {
      const user = harness.addUser(`${pool}-${index}`, { pool });
      users[pool].push(user);
      users.all.push(user);
    }
  }
  return users;
}

/** Changes all users, a few at a time, after clearing the recorded requests. */
async function changeAll(harness: RecoveryHarness, users: readonly SipUri[]): Promise<Map<SipUri, Tried>> {
  harness.simulator.clearRequests();
  const semaphore = new Semaphore(concurrency);
  const changes = users.map(async (user): Promise<[SipUri, Tried]> => {
    const release = await semaphore.acquire();
    const changed = await harness.change(user);
    release();
    return [user, changed];
  });
  return new Map(await Promise.all(changes));
}

/** Counts the requests sent to pool three: those that arrived, and those whose connection was refused. */
function requestsToThree({ simulator }: RecoveryHarness, changes: Map<SipUri, Tried>): number {
  const sent = [...changes.values()].reduce(
    (sum, changed) => sum + ('outcome' in changed ? changed.outcome.requests : 0),
    0,
  );
  return sent - simulator.requests.filter(({ pool }) => pool !== 'three').length;
}

function hostOfThree({ simulator }: RecoveryHarness): string {
  return new URL(simulator.poolUrl('three')).host;
}
