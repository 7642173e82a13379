import fc from 'fast-check';
import { expect } from 'vitest';
import { isEnded } from '../../../../shared/ring/ports/ledger.ts';
import { unlimitedSlots } from '../../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../../shared/ucwa/uri.ts';
import { sip } from '../addresses.ts';
import { teamMessage } from '../ring-deps.ts';
import { BatchSimulation, type Cancel, type Fault } from './batch-simulation.ts';
import type { OpenStorage } from './simulated-storage.ts';

const users = ['alice', 'bob', 'carol'].map((name) => sip(`${name}@contoso.com`));
const [alice = sip('alice@contoso.com')] = users;

/**
 * The parts in request order, the oldest first; its message is delivered last, and late. The undated one has no
 * `requestedAt`, and no other request falls into the second in which it was enqueued.
 */
const parts = [
  { batch: 'older', part: 0, requestedAgoMs: 9_000, delayMs: 45_000 },
  { batch: 'middle', part: 0, requestedAgoMs: 6_000 },
  { batch: 'middle', part: 1, requestedAgoMs: 6_000 },
  { batch: 'undated', part: 0, agoMs: 3_300 },
  { batch: 'newer', part: 0, requestedAgoMs: 2_000 },
];

/** The ring delay of a request identifies it, and grows with the request order. */
const delayOf = (partIndex: number, entry: number) => partIndex * 10 + entry;
const httpDelay = 55;

const anyFault = fc.record<Fault>({
  kind: fc.constantFrom('crash', 'crash', 'slow', 'pause', 'pause', 'delivered-elsewhere'),
  atCall: fc.nat(60),
});
const anyFaults = fc.array(fc.array(anyFault, { maxLength: 3 }), { maxLength: 10 });
const anyCancel = fc.option(
  fc.record<Cancel>({ batch: fc.constantFrom(...parts.map(({ batch }) => batch)), atCall: fc.nat(60) }),
  { freq: 2, nil: undefined },
);
/** The users of each part's entries. */
const anyEntries = fc.tuple(
  ...parts.map(() => fc.array(fc.constantFrom(...users), { minLength: 1, maxLength: 4 })),
);

/** Several batches on several workers, perhaps with a change over HTTP, a cancelled batch and faults. */
export const interleavedDeliveries = fc.record({
  scheduler: fc.scheduler(),
  entries: anyEntries,
  faults: anyFaults,
  sliceMs: fc.constantFrom(500, 500, 240_000),
  leaseMs: fc.constantFrom(100, 60_000),
  workerCount: fc.integer({ min: 2, max: 4 }),
  slots: fc.integer({ min: 1, max: 3 }),
  withHttp: fc.boolean(),
  cancel: anyCancel,
});

type InterleavedDeliveries = typeof interleavedDeliveries extends fc.Arbitrary<infer T> ? T : never;

/** Runs the deliveries on a storage. Expects that every entry ended once and truthfully, and that the newest setting stands. */
export async function expectAllEndedOnce(
  deliveries: InterleavedDeliveries,
  openStorage?: OpenStorage,
): Promise<void> {
  const { scheduler, entries, faults, cancel, sliceMs, leaseMs, workerCount, slots, withHttp } = deliveries;
  const deps = { inFlight: unlimitedSlots, sliceMs, maxAttempts: 20 };
  const simulation = new BatchSimulation(scheduler, { faults, cancel, leaseMs, slots, deps, openStorage });
  enqueueAll(simulation, entries);
  const workers = Array.from({ length: workerCount }, () => simulation.work());
  const http = withHttp ? [simulation.changeOverHttp(alice, httpDelay)] : [];
  await scheduler.waitFor(Promise.all([...workers, ...http]));

  expect(simulation.invariants.violations).toEqual([]);
  expect(simulation.pool.doubles).toEqual([]);
  const ended = await expectEntriesEnded(simulation, entries);
  const overHttp = withHttp
    ? [{ user: alice, delay: httpDelay, outcome: 'applied', wasConcurrent: false }]
    : [];
  for (const user of users) {
    const ofUser = [...ended, ...overHttp].filter((request) => request.user === user);
    expectOutcomesTrue(simulation, user, ofUser);
    expect((await simulation.storage.seeUser(user)).claim).toBeUndefined();
  }
}

function enqueueAll(simulation: BatchSimulation, entries: InterleavedDeliveries['entries']): void {
  const startMs = simulation.clock.nowMs();
  for (const [index, { batch, part, requestedAgoMs, ...options }] of parts.entries()) {
    const rings = (entries[index] ?? []).map((user, entry) => [user, delayOf(index, entry)] as const);
    const requestedAt =
      requestedAgoMs === undefined ? undefined : new Date(startMs - requestedAgoMs).toISOString();
    simulation.enqueue(JSON.stringify(teamMessage(rings, { batch, part, requestedAt })), options);
  }
}

/** A request for one user, and its outcome. */
interface EndedRequest {
  readonly user: string;
  readonly delay: number;
  readonly outcome: string | undefined;
  /** True where two messages with the entry were processed at the same time. */
  readonly wasConcurrent: boolean;
}

async function expectEntriesEnded(
  simulation: BatchSimulation,
  sent: InterleavedDeliveries['entries'],
): Promise<readonly EndedRequest[]> {
  const seen = await simulation.storage.seeEntries();
  return parts.flatMap(({ batch, part }, index) => {
    const entries = seen.get(`${batch}|${part}`) ?? [];
    expect(entries).toHaveLength(sent[index]?.length ?? 0);
    expect(entries.filter((entry) => !isEnded(entry))).toEqual([]);
    expectSummary(simulation, `${batch}/${part}`);
    const possible = ['applied', 'superseded', ...(simulation.cancelledBatch === batch ? ['cancelled'] : [])];
    return entries.map(({ entry, user, outcome }) => {
      expect(possible).toContain(outcome?.outcome);
      const wasConcurrent = simulation.invariants.concurrentEntries.has(`${batch}|${part}|${entry}`);
      return { user, delay: delayOf(index, entry), outcome: outcome?.outcome, wasConcurrent };
    });
  });
}

/** Expects one summary. Only where a delivery crashed or was repeated may the same one come again. */
function expectSummary(simulation: BatchSimulation, id: string): void {
  const summaries = simulation.queues.results.filter((text) => JSON.parse(text).id === id);
  expect(new Set(summaries).size).toBe(1);
  if (!simulation.redeliveredParts.has(id)) expect(summaries).toHaveLength(1);
}

/**
 * Expects that the newest request was not superseded, that each applied one was written and each cancelled one was not,
 * and that the newest applied setting stands. Two things are not promised for a cancelled batch: what another delivery
 * of the same entry did at that moment, and a record of what an older request wrote before it was cut off.
 */
function expectOutcomesTrue(
  simulation: BatchSimulation,
  user: SipUri,
  requests: readonly EndedRequest[],
): void {
  const written = simulation.pool.written.flatMap((write) => (write.user === user ? [write.delay] : []));
  expect(written).toEqual(written.toSorted((a, b) => a - b));
  const newestFirst = requests.toSorted((a, b) => b.delay - a.delay);
  const [newest] = newestFirst;
  expect(newest?.outcome).not.toBe('superseded');
  for (const { outcome, delay, wasConcurrent } of requests) {
    if (outcome === 'applied') expect(written).toContain(delay);
    if (outcome === 'cancelled' && !wasConcurrent) expect(written).not.toContain(delay);
  }
  const isFullyRecorded =
    newest?.outcome !== 'cancelled' ||
    !(simulation.mayHaveUnrecordedWrites || requests.some(({ wasConcurrent }) => wasConcurrent));
  if (!isFullyRecorded) return;
  expect(simulation.pool.delayOf(user)).toBe(newestFirst.find(({ outcome }) => outcome === 'applied')?.delay);
}
