import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import type { Measurement, Row } from '../measurement.ts';
import { Batch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import type { BenchUser } from '../system/users.ts';
import { addFaults } from './chaos-faults.ts';

const userCount = Number(process.env['BENCH_CHAOS_USERS'] ?? 10_000);
const kills = Number(process.env['BENCH_CHAOS_KILLS'] ?? 20);
/** Short enough for the last kill to come before the last user, at a latency of 20 ms with 16 users at once. */
const maxLifetimeMs = (10 * userCount) / kills;
const requestWaitMs = 60_000;

/** The messages of a killed host come back soon, and its claims expire soon. */
const settings = { LOCAL_LEASE_SECONDS: '5', UCWA_ATTEMPT_LIMIT_MS: '5000', BULK_SLICE_MS: '20000' };

/** Entries lost when the functions are killed repeatedly during a batch. */
export const chaos: Row = {
  name: 'chaos',
  userCount,
  async measure(system) {
    await system.simulator.setLatency(20);
    await system.simulator.clearRequests();
    const users = system.takeUsers(userCount);
    await addFaults(system.simulator, users);
    try {
      const batch = await Batch.send(system, 'chaos', users);
      const killed = await killRepeatedly(system);
      await system.withFunctions(() => batch.waitUntilFinished(180_000 + userCount * 60), settings);
      return [await measureLosses(system, batch, killed)];
    } finally {
      await system.simulator.clearFaults();
    }
  },
};

/** Returns how often the functions were killed while they were working. */
async function killRepeatedly(system: BenchSystem): Promise<number> {
  for (let killed = 0; killed < kills; killed++) {
    const functions = await system.startFunctions(settings);
    const isWorking = await waitForRequest(system);
    if (isWorking) await sleep(Math.random() * maxLifetimeMs);
    await functions.child.stop('SIGKILL');
    if (!isWorking) return killed;
  }
  return kills;
}

/** Waits for a request to UCWA: the messages of a killed host come back when their leases end. Returns false if none comes. */
async function waitForRequest({ simulator }: BenchSystem): Promise<boolean> {
  const countRequests = async () =>
    Object.values(await simulator.counts()).reduce((sum, count) => sum + count, 0);
  const [before, endMs] = [await countRequests(), performance.now() + requestWaitMs];
  while (performance.now() < endMs) {
    if ((await countRequests()) > before) return true;
    await sleep(100);
  }
  return false;
}

async function measureLosses(system: BenchSystem, batch: Batch, killed: number): Promise<Measurement> {
  const outcomes = await batch.outcomes();
  const final = ['applied', 'unchanged', 'failed', 'rejected', 'superseded', 'cancelled'];
  const ended = final.reduce((sum, outcome) => sum + (outcomes.get(outcome)?.length ?? 0), 0);
  const poison = new QueueClient(system.environment['BulkStorage'] ?? '', 'simring-bulk-poison');
  const { approximateMessagesCount: poisoned = 0 } = await poison.getProperties();
  const set = new Set([...(outcomes.get('applied') ?? []), ...(outcomes.get('unchanged') ?? [])]);
  const wrong = await countFalseOutcomes(system, batch.users, set);
  const writes = (await system.simulator.counts())['write'] ?? 0;
  const lost = userCount - ended;
  const counts = [...outcomes].map(([outcome, { length }]) => `${length} ${outcome}`).join(', ');
  return {
    name: `Entries lost, ${userCount} users, killed ${killed} times`,
    measured: `${lost} lost, ${poisoned} poisoned, ${wrong} wrong`,
    limit: '0',
    passed: killed >= kills && lost === 0 && poisoned === 0 && wrong === 0,
    explanation:
      `SIGKILL at a random moment within ${maxLifetimeMs / 1000} s after the first request of each instance, failures for one user ` +
      `in 25; outcomes in the ledger: ${counts}; an outcome is wrong where the server disagrees; ` +
      `${writes - userCount} writes beyond one per user`,
  };
}

/** Counts the users that are set according to the ledger but not on the server. */
async function countFalseOutcomes(
  { simulator }: BenchSystem,
  users: readonly BenchUser[],
  set: ReadonlySet<string>,
): Promise<number> {
  const contacts = await simulator.contacts();
  return users.filter(({ address, target }) => {
    const sip = `sip:${address}`;
    return set.has(sip) && contacts.get(sip)?.includes(target) !== true;
  }).length;
}
