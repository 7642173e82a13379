import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Changed } from '../../../../../shared/ring/user/change-ring.ts';
import { Semaphore } from '../../../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../../../shared/ucwa/uri.ts';
import {
  openWorkshop,
  requestsAtOnce,
  requestsByStep,
  ringsMobile,
  type Workshop,
} from '../../../../support/recovery/workshop.ts';

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
  stop: (workshop: Workshop) => Promise<void> | void,
  start: (workshop: Workshop) => Promise<void> | void,
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
    const workshop = await openWorkshop({ pools: [...pools] });
    const staff = hireEverywhere(workshop);
    await stop(workshop);

    const changes = await changeAll(workshop, staff.all);

    for (const user of [...staff.one, ...staff.two]) {
      expect(changes.get(user)).toMatchObject({
        outcome: { outcome: 'applied', verified: true, recovery: [] },
      });
      expect(ringsMobile(workshop.simulator, user)).toBe(true);
    }
    for (const user of staff.three) {
      expect(changes.get(user)).toMatchObject({ kind: 'deferred', outcome: { code: 'ucwa-unavailable' } });
    }
    expect(requestsToThree(workshop, changes)).toBeLessThanOrEqual(most);
    expect(workshop.poolChanges).toEqual([`${hostOfThree(workshop)} paused`]);
  });

  it('gets nothing at all while it is left alone, and that is nobody’s attempt', async () => {
    const workshop = await openWorkshop({ pools: [...pools] });
    const staff = hireEverywhere(workshop);
    await stop(workshop);
    await changeAll(workshop, staff.three);

    const changes = await changeAll(workshop, staff.three);

    expect(requestsToThree(workshop, changes)).toBe(0);
    for (const changed of changes.values()) {
      expect(changed).toMatchObject({
        kind: 'deferred',
        countsAsAttempt: false,
        outcome: { detail: expect.stringContaining('left alone'), recovery: [] },
      });
    }
  });

  it('gets one request when its time is over, and is left alone for longer', async () => {
    const workshop = await openWorkshop({ pools: [...pools] });
    const staff = hireEverywhere(workshop);
    await stop(workshop);
    await changeAll(workshop, staff.three);

    for (const seconds of [60, 60, 60]) {
      vi.setSystemTime(Date.now() + seconds * 1000);
      const changes = await changeAll(workshop, staff.three);
      expect(requestsToThree(workshop, changes)).toBe(1);
    }
  });

  it('is used again after one request got an answer, and its users are served', async () => {
    const workshop = await openWorkshop({ pools: [...pools] });
    const staff = hireEverywhere(workshop);
    await stop(workshop);
    await changeAll(workshop, staff.three);
    await start(workshop);
    expect(requestsToThree(workshop, await changeAll(workshop, staff.three))).toBe(0);
    vi.setSystemTime(Date.now() + 60_000);

    const changes = await changeAll(workshop, staff.three);

    for (const user of staff.three) {
      expect(changes.get(user)).toMatchObject({
        outcome: { outcome: 'applied', verified: true, recovery: [] },
      });
      expect(ringsMobile(workshop.simulator, user)).toBe(true);
    }
    expect(workshop.poolChanges).toEqual([
      `${hostOfThree(workshop)} paused`,
      `${hostOfThree(workshop)} resumed`,
    ]);
    expect(workshop.simulator.totals().applications).toBe(0);
  });
});

describe('a pool that lets every request hang', () => {
  it('is left alone after ten of them', async () => {
    const workshop = await openWorkshop();
    workshop.simulator.fail({ pool: 'pool', times: Number.POSITIVE_INFINITY, answer: { kind: 'hang' } });
    const users = Array.from({ length: 5 }, (_, index) => workshop.hire(`user-${index}`));
    const hangs: number[] = [];
    for (const user of users) {
      expect(await workshop.outcome(user)).toMatchObject({ outcome: 'deferred', code: 'ucwa-unavailable' });
      hangs.push(workshop.simulator.count('challenge'));
    }
    expect(hangs).toEqual([4, 8, 10, 10, 10]);
  });
});

describe('a pool that answers', () => {
  it('is not paused by failures of single users, however many', async () => {
    const workshop = await openWorkshop();
    workshop.simulator.fail({
      step: 'set-ring',
      times: Number.POSITIVE_INFINITY,
      answer: { status: 500, subcode: 'CallbackChannelError' },
    });
    const users = Array.from({ length: usersOfEach }, (_, index) => workshop.hire(`user-${index}`));
    const changes = await changeAll(workshop, users);
    for (const changed of changes.values()) {
      expect(changed).toMatchObject({ kind: 'deferred', countsAsAttempt: true });
    }
    expect(requestsByStep(workshop.simulator)['set-ring']).toBe(4 * usersOfEach);
    expect(workshop.poolChanges).toEqual([]);
  });
});

type Staff = Record<(typeof pools)[number] | 'all', SipUri[]>;

/** The same number of people on every pool, one after the other as in a list by name. */
function hireEverywhere(workshop: Workshop): Staff {
  const staff: Staff = { one: [], two: [], three: [], all: [] };
  for (let index = 0; index < usersOfEach; index++) {
    for (const pool of pools) {
      const user = workshop.hire(`${pool}-${index}`, { pool });
      staff[pool].push(user);
      staff.all.push(user);
    }
  }
  return staff;
}

/** Changes everybody, some at once; forgets what the simulator was asked before. */
async function changeAll(workshop: Workshop, users: readonly SipUri[]): Promise<Map<SipUri, Changed>> {
  workshop.simulator.clearRequests();
  const limiter = new Semaphore(atOnce);
  const changes = users.map(async (user): Promise<[SipUri, Changed]> => {
    const leave = await limiter.acquire();
    const changed = await workshop.change(user);
    leave();
    return [user, changed];
  });
  return new Map(await Promise.all(changes));
}

/** What was sent there: what arrived, and what found nobody to take it. */
function requestsToThree({ simulator }: Workshop, changes: Map<SipUri, Changed>): number {
  const sent = [...changes.values()].reduce(
    (sum, changed) => sum + ('outcome' in changed ? changed.outcome.requests : 0),
    0,
  );
  return sent - simulator.requests.filter(({ pool }) => pool !== 'three').length;
}

function hostOfThree({ simulator }: Workshop): string {
  return new URL(simulator.poolUrl('three')).host;
}
