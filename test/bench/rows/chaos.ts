import { setTimeout as sleep } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { Agreement } from '../../../infra/local/demo/agreement.ts';
import { readOutcomes } from '../../../infra/local/demo/batch.ts';
import type { CallForwardingState } from '../../../infra/local/ucwa-simulator/types.ts';
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
    await chooseSettings(system, users);
    await addFaults(system.simulator, users);
    const agreement = new Agreement(await system.simulator.states());
    try {
      const batch = await Batch.send(system, 'chaos', users, askEach);
      const killed = await killRepeatedly(system);
      const told = await system.withFunctions(async ({ url }) => {
        await batch.waitUntilFinished(180_000 + userCount * 60);
        return await readOutcomes(url, '/api/bulk/chaos?limit=500');
      }, settings);
      for (const outcome of told) agreement.tell(outcome);
      const wrong = agreement.differences(await system.simulator.states());
      for (const difference of wrong.slice(0, 20)) console.error(difference);
      return [await measureLosses(system, batch, { killed, wrong: wrong.length })];
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

/** Every third user sends unanswered calls elsewhere, every fifth forwards all calls, and every eighth has the ring on. */
async function chooseSettings({ simulator }: BenchSystem, users: readonly BenchUser[]): Promise<void> {
  const chosen = users.map(({ address, username, password }, nth) => {
    const settings: Partial<CallForwardingState> = {
      ...(nth % 3 === 0
        ? { unanswered: { target: 'Contact', ringDelay: 25, contact: 'tel:+14255550198' } }
        : {}),
      ...(nth % 5 === 0
        ? { activeSetting: 'ImmediateForward', immediateForward: { target: 'Voicemail' } }
        : {}),
      ...(nth % 8 === 0
        ? {
            activeSetting: 'SimultaneousRing',
            simultaneousRing: { target: 'Contact', ringDelay: 0, contact: 'tel:+14255550199' },
          }
        : {}),
    };
    return { sip: `sip:${address}`, username, password, settings };
  });
  await simulator.addUsers(chosen);
}

/** Those whose ring is on turn it off. */
function askEach({ address, target }: BenchUser, nth: number): Readonly<Record<string, string>> {
  return nth % 8 === 0 ? { user: address, ring: 'off' } : { user: address, target };
}

async function measureLosses(
  system: BenchSystem,
  batch: Batch,
  { killed, wrong }: { readonly killed: number; readonly wrong: number },
): Promise<Measurement> {
  const outcomes = await batch.outcomes();
  const final = ['applied', 'unchanged', 'failed', 'rejected', 'superseded', 'cancelled'];
  const ended = final.reduce((sum, outcome) => sum + (outcomes.get(outcome)?.length ?? 0), 0);
  const poison = new QueueClient(system.environment['BulkStorage'] ?? '', 'simring-bulk-poison');
  const { approximateMessagesCount: poisoned = 0 } = await poison.getProperties();
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
      `in 25; outcomes in the ledger: ${counts}; wrong is what the server contradicts: ring, forwarding, unanswered ` +
      `target or state before; ${writes - userCount} writes beyond one per user`,
  };
}
