import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tried } from '../../../../../shared/ring/user/change-ring.ts';
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
const usersOfEach = 30;
const atOnce = 4;
/** So many failures on end pause a pool; those under way at that moment may fail besides. */
const untilPaused = 10 + atOnce - 1;
/** A pool that says it has too much to do is first asked for half as much, and so on down to one request at once. */
const untilHeldBack = Math.log2(requestsAtOnce) * atOnce;

/** How a pool is down, how many requests it gets at most until it is left alone, and how it comes back. */
const ways: readonly [
  how: string,
  most: number,
  stop: (harness: RecoveryHarness) => Promise<void> | void,
  start: (harness: RecoveryHarness) => Promise<void> | void,
][] = [
  [
    'refuses connections',
    untilPaused,
    ({ simulator }) => simulator.stopPool('three'),
    ({ simulator }) => simulator.startPool('three'),
  ],
  ...(
    [
      ['answers 503 to all', untilHeldBack + untilPaused, { status: 503 }],
      ['hides behind 502', untilPaused, { status: 502, format: 'html' }],
      ['hides behind 504', untilPaused, { status: 504, format: 'html' }],
      ['resets every connection', untilPaused, { kind: 'reset' }],
    ] as const
  ).map(([how, most, answer]): (typeof ways)[number] => [
    how,
    most,
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

describe.each(ways)('one of three pools that %s', (_how, most, stop, start) => {
  it('is left alone, while the users of the others are served as if nothing were', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const staff = addUsersEverywhere(harness);
    await stop(harness);

    const changes = await changeAll(harness, staff.all);

    for (const user of [...staff.one, ...staff.two]) {
      expect(changes.get(user)).toMatchObject({
        outcome: { outcome: 'applied', verified: true, recovery: [] },
      });
      expect(ringsMobile(harness.simulator, user)).toBe(true);
    }
    for (const user of staff.three) {
      expect(changes.get(user)).toMatchObject({ kind: 'deferred', outcome: { code: 'ucwa-unavailable' } });
    }
    expect(requestsToThree(harness, changes)).toBeLessThanOrEqual(most);
    expect(harness.poolChanges).toEqual([`${hostOfThree(harness)} paused`]);
  });

  it('gets nothing at all while it is left alone, and that is nobody’s attempt', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const staff = addUsersEverywhere(harness);
    await stop(harness);
    await changeAll(harness, staff.three);

    const changes = await changeAll(harness, staff.three);

    expect(requestsToThree(harness, changes)).toBe(0);
    for (const changed of changes.values()) {
      expect(changed).toMatchObject({
        kind: 'deferred',
        countsAsAttempt: false,
        outcome: { detail: expect.stringContaining('is paused'), recovery: [] },
      });
    }
  });

  it('gets one request when its time is over, and is left alone for longer', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const staff = addUsersEverywhere(harness);
    await stop(harness);
    await changeAll(harness, staff.three);

    for (const seconds of [60, 60, 60]) {
      vi.setSystemTime(Date.now() + seconds * 1000);
      const changes = await changeAll(harness, staff.three);
      expect(requestsToThree(harness, changes)).toBe(1);
    }
  });

  it('is used again after one request got an answer, and its users are served', async () => {
    const harness = await openHarness({ pools: [...pools] });
    const staff = addUsersEverywhere(harness);
    await stop(harness);
    await changeAll(harness, staff.three);
    await start(harness);
    expect(requestsToThree(harness, await changeAll(harness, staff.three))).toBe(0);
    vi.setSystemTime(Date.now() + 60_000);

    const changes = await changeAll(harness, staff.three);

    for (const user of staff.three) {
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

describe('a pool that lets every request hang', () => {
  it('is left alone after ten of them', async () => {
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

describe('a pool that answers', () => {
  it('is not paused by failures of single users, however many', async () => {
    const harness = await openHarness();
    harness.simulator.fail({
      step: 'write',
      times: Number.POSITIVE_INFINITY,
      answer: { status: 500, subcode: 'CallbackChannelError' },
    });
    const users = Array.from({ length: usersOfEach }, (_, index) => harness.addUser(`user-${index}`));
    const changes = await changeAll(harness, users);
    for (const changed of changes.values()) {
      expect(changed).toMatchObject({ kind: 'deferred', countsAsAttempt: true });
    }
    expect(countsOf(harness.simulator)['write']).toBe(4 * usersOfEach);
    expect(harness.poolChanges).toEqual([]);
  });
});

type Staff = Record<(typeof pools)[number] | 'all', SipUri[]>;

/** The same number of people on every pool, one after the other as in a list by name. */
function addUsersEverywhere(harness: RecoveryHarness): Staff {
  const staff: Staff = { one: [], two: [], three: [], all: [] };
  for (let index = 0; index < usersOfEach; index++) {
    for (const pool of pools) {
      const user = harness.addUser(`${pool}-${index}`, { pool });
      staff[pool].push(user);
      staff.all.push(user);
    }
  }
  return staff;
}

/** Changes everybody, some at once; forgets what the simulator was asked before. */
async function changeAll(harness: RecoveryHarness, users: readonly SipUri[]): Promise<Map<SipUri, Tried>> {
  harness.simulator.clearRequests();
  const limiter = new Semaphore(atOnce);
  const changes = users.map(async (user): Promise<[SipUri, Tried]> => {
    const leave = await limiter.acquire();
    const changed = await harness.change(user);
    leave();
    return [user, changed];
  });
  return new Map(await Promise.all(changes));
}

/** What was sent there: what arrived, and what found nobody to take it. */
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
