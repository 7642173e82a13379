import fc from 'fast-check';
import { expect } from 'vitest';
import { isEnded } from '../../../shared/ring/ledger.ts';
import { boundless } from '../../../shared/ring/limiter.ts';
import { sip } from './addresses.ts';
import { teamMessage } from './bulk-parts.ts';
import { BulkWorld, type Mishap } from './bulk-world.ts';
import type { OpenStorage } from './world-storage.ts';

const users = ['alice', 'bob', 'carol'].map((name) => sip(`${name}@contoso.com`));
const [alice = sip('alice@contoso.com')] = users;

/** From the oldest to the newest; the older batch comes last, and late. */
const parts = [
  { batch: 'older', part: 0, agoMs: 9_000, delayMs: 45_000 },
  { batch: 'middle', part: 0, agoMs: 5_000, delayMs: 0 },
  { batch: 'middle', part: 1, agoMs: 5_000, delayMs: 0 },
  { batch: 'newer', part: 0, agoMs: 2_000, delayMs: 0 },
] as const;

/** How long the team waits tells the requests apart, and which is the newer. */
const delayOf = (place: number, entry: number) => place * 10 + entry;
const httpDelay = 55;

const drawnMishap = fc.record<Mishap>({
  kind: fc.constantFrom('crash', 'crash', 'slow', 'pause', 'pause', 'delivered-elsewhere'),
  atCall: fc.nat(60),
});
const drawnMishaps = fc.array(fc.array(drawnMishap, { maxLength: 3 }), { maxLength: 10 });
const drawnParts = fc.tuple(
  ...parts.map(() => fc.array(fc.constantFrom(...users), { minLength: 1, maxLength: 4 })),
);

/** Deliveries of several batches on several workers, a change over HTTP among them, and what goes wrong meanwhile. */
export const crossingDeliveries = fc.record({
  scheduler: fc.scheduler(),
  asked: drawnParts,
  mishaps: drawnMishaps,
  sliceMs: fc.constantFrom(500, 500, 240_000),
  leaseMs: fc.constantFrom(100, 60_000),
  atOnce: fc.integer({ min: 2, max: 4 }),
  places: fc.integer({ min: 1, max: 3 }),
  withHttp: fc.boolean(),
});

type Crossing = typeof crossingDeliveries extends fc.Arbitrary<infer T> ? T : never;

/** Lets all of it happen on a storage, and makes sure that each entry ended once and the newest setting stayed. */
export async function expectAllEndedOnce(crossing: Crossing, openStorage?: OpenStorage): Promise<void> {
  const { scheduler, asked, mishaps, sliceMs, leaseMs, atOnce, places, withHttp } = crossing;
  const bulk = { sliceMs, inHand: boundless, maxAttempts: 20 };
  const world = new BulkWorld(scheduler, { mishaps, leaseMs, places, parts: bulk, openStorage });
  const startMs = world.clock.nowMs();
  for (const [place, { batch, part, agoMs, delayMs }] of parts.entries()) {
    const entries = (asked[place] ?? []).map((user, entry) => [user, delayOf(place, entry)] as const);
    const requestedAt = new Date(startMs - agoMs).toISOString();
    world.enqueue(JSON.stringify(teamMessage(entries, { batch, part, requestedAt })), delayMs);
  }
  const workers = Array.from({ length: atOnce }, () => world.work());
  const http = withHttp ? [world.changeNow(alice, httpDelay)] : [];
  await scheduler.waitFor(Promise.all([...workers, ...http]));

  expect(world.wrongs).toEqual([]);
  expect(world.pool.doubles).toEqual([]);
  await expectEntriesEnded(world, asked);
  for (const user of users) {
    const delays = asked.flatMap((some, place) =>
      some.flatMap((one, entry) => (one === user ? [delayOf(place, entry)] : [])),
    );
    const newest = Math.max(...delays, ...(withHttp && user === alice ? [httpDelay] : []));
    expect(world.pool.delayOf(user)).toBe(newest < 0 ? undefined : newest);
    const written = world.pool.written.flatMap((one) => (one.user === user ? [one.delay] : []));
    expect(written).toEqual(written.toSorted((a, b) => a - b));
    expect((await world.storage.seeUser(user)).claim).toBeUndefined();
  }
}

async function expectEntriesEnded(world: BulkWorld, asked: Crossing['asked']): Promise<void> {
  const seen = await world.storage.seeEntries();
  for (const [place, { batch, part }] of parts.entries()) {
    const entries = seen.get(`${batch}|${part}`) ?? [];
    expect(entries).toHaveLength(asked[place]?.length ?? 0);
    expect(entries.filter((entry) => !isEnded(entry))).toEqual([]);
    const summaries = world.queues.results.filter((text) => JSON.parse(text).id === `${batch}/${part}`);
    expect(new Set(summaries).size).toBe(1);
  }
}
