import fc from 'fast-check';
import { expect } from 'vitest';
import { isEnded } from '../../../shared/ring/ports/ledger.ts';
import { unlimitedSlots } from '../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { sip } from './addresses.ts';
import { BatchSimulation, type Cancel, type Fault } from './batch-simulation.ts';
import { teamMessage } from './ring-deps.ts';
import type { OpenStorage } from './simulated-storage.ts';

const users = ['alice', 'bob', 'carol'].map((name) => sip(`${name}@contoso.com`));
const [alice = sip('alice@contoso.com')] = users;

/**
 * From the oldest to the newest; the oldest comes last, and late. One tells no time: it was enqueued in a second in which
 * nothing else was asked for.
 */
const parts = [
  { batch: 'older', part: 0, askedAgoMs: 9_000, delayMs: 45_000 },
  { batch: 'middle', part: 0, askedAgoMs: 6_000 },
  { batch: 'middle', part: 1, askedAgoMs: 6_000 },
  { batch: 'undated', part: 0, agoMs: 3_300 },
  { batch: 'newer', part: 0, askedAgoMs: 2_000 },
];

/** How long the team waits tells the requests apart, and which is the newer. */
const delayOf = (place: number, entry: number) => place * 10 + entry;
const httpDelay = 55;

const drawnMishap = fc.record<Fault>({
  kind: fc.constantFrom('crash', 'crash', 'slow', 'pause', 'pause', 'delivered-elsewhere'),
  atCall: fc.nat(60),
});
const drawnMishaps = fc.array(fc.array(drawnMishap, { maxLength: 3 }), { maxLength: 10 });
const drawnCancel = fc.option(
  fc.record<Cancel>({ batch: fc.constantFrom(...parts.map(({ batch }) => batch)), atCall: fc.nat(60) }),
  { freq: 2, nil: undefined },
);
const drawnParts = fc.tuple(
  ...parts.map(() => fc.array(fc.constantFrom(...users), { minLength: 1, maxLength: 4 })),
);

/** Deliveries of several batches on several workers, a change over HTTP among them, and what goes wrong meanwhile. */
export const crossingDeliveries = fc.record({
  scheduler: fc.scheduler(),
  asked: drawnParts,
  faults: drawnMishaps,
  sliceMs: fc.constantFrom(500, 500, 240_000),
  leaseMs: fc.constantFrom(100, 60_000),
  atOnce: fc.integer({ min: 2, max: 4 }),
  slots: fc.integer({ min: 1, max: 3 }),
  withHttp: fc.boolean(),
  cancel: drawnCancel,
});

type Crossing = typeof crossingDeliveries extends fc.Arbitrary<infer T> ? T : never;

/** Lets all of it happen on a storage, and makes sure that each entry ended once, in truth, and the newest setting stayed. */
export async function expectAllEndedOnce(crossing: Crossing, openStorage?: OpenStorage): Promise<void> {
  const { scheduler, asked, faults, cancel, sliceMs, leaseMs, atOnce, slots, withHttp } = crossing;
  const deps = { inFlight: unlimitedSlots, sliceMs, maxAttempts: 20 };
  const simulation = new BatchSimulation(scheduler, { faults, cancel, leaseMs, slots, deps, openStorage });
  const startMs = simulation.clock.nowMs();
  for (const [place, { batch, part, askedAgoMs, ...when }] of parts.entries()) {
    const entries = (asked[place] ?? []).map((user, entry) => [user, delayOf(place, entry)] as const);
    const requestedAt = askedAgoMs === undefined ? undefined : new Date(startMs - askedAgoMs).toISOString();
    simulation.enqueue(JSON.stringify(teamMessage(entries, { batch, part, requestedAt })), when);
  }
  const workers = Array.from({ length: atOnce }, () => simulation.work());
  const http = withHttp ? [simulation.changeNow(alice, httpDelay)] : [];
  await scheduler.waitFor(Promise.all([...workers, ...http]));

  expect(simulation.violations).toEqual([]);
  expect(simulation.pool.doubles).toEqual([]);
  const ended = await expectEntriesEnded(simulation, asked);
  const now = withHttp ? [{ user: alice, delay: httpDelay, outcome: 'applied', wasShared: false }] : [];
  for (const user of users) {
    const mine = [...ended, ...now].filter((one) => one.user === user);
    expectTruth(simulation, user, mine);
    expect((await simulation.storage.seeUser(user)).claim).toBeUndefined();
  }
}

/** What was asked for one person, and what became of it. */
interface Ended {
  readonly user: string;
  readonly delay: number;
  readonly outcome: string | undefined;
  /** Two deliveries had it at once. */
  readonly wasShared: boolean;
}

async function expectEntriesEnded(
  simulation: BatchSimulation,
  asked: Crossing['asked'],
): Promise<readonly Ended[]> {
  const seen = await simulation.storage.seeEntries();
  return parts.flatMap(({ batch, part }, place) => {
    const entries = seen.get(`${batch}|${part}`) ?? [];
    expect(entries).toHaveLength(asked[place]?.length ?? 0);
    expect(entries.filter((entry) => !isEnded(entry))).toEqual([]);
    expectSummary(simulation, `${batch}/${part}`);
    const possible = ['applied', 'superseded', ...(simulation.cancelled === batch ? ['cancelled'] : [])];
    return entries.map(({ entry, user, outcome }) => {
      expect(possible).toContain(outcome?.outcome);
      const wasShared = simulation.shared.has(`${batch}|${part}|${entry}`);
      return { user, delay: delayOf(place, entry), outcome: outcome?.outcome, wasShared };
    });
  });
}

/** One; the same again only where a delivery crashed or came a second time. */
function expectSummary(simulation: BatchSimulation, id: string): void {
  const summaries = simulation.queues.results.filter((text) => JSON.parse(text).id === id);
  expect(new Set(summaries).size).toBe(1);
  if (!simulation.disturbed.has(id)) expect(summaries).toHaveLength(1);
}

/**
 * The newest request was applied, unless its batch was cancelled. Who was applied was written, who was cancelled was not, and
 * the newest that was applied is what stays. Two things are not promised where a batch is cancelled: what another delivery of
 * the same entry did at that moment, and that no more is heard of what an older request wrote before it was cut off.
 */
function expectTruth(simulation: BatchSimulation, user: SipUri, mine: readonly Ended[]): void {
  const written = simulation.pool.written.flatMap((one) => (one.user === user ? [one.delay] : []));
  expect(written).toEqual(written.toSorted((a, b) => a - b));
  const newestFirst = mine.toSorted((a, b) => b.delay - a.delay);
  const [newest] = newestFirst;
  expect(newest?.outcome).not.toBe('superseded');
  for (const one of mine) {
    if (one.outcome === 'applied') expect(written).toContain(one.delay);
    if (one.outcome === 'cancelled' && !one.wasShared) expect(written).not.toContain(one.delay);
  }
  const isToldInFull =
    newest?.outcome !== 'cancelled' || !(simulation.hasLostTrack || mine.some((one) => one.wasShared));
  if (!isToldInFull) return;
  expect(simulation.pool.delayOf(user)).toBe(newestFirst.find(({ outcome }) => outcome === 'applied')?.delay);
}
