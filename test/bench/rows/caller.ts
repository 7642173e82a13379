import { setTimeout as sleep } from 'node:timers/promises';
import { type Measurement, median, type Row } from '../measurement.ts';
import { Batch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import type { BenchUser } from '../system/users.ts';

const latencyMs = 20;
const batchUsers = 4_000;
/** The first callers pay for connections and discovery, and are not measured. */
const warmUps = 10;
const calls = 60;
const maxRatio = 2;
const startLimitMs = 60_000;

/** A PUT while a batch runs in the same process, against one while the process is idle. */
export const caller: Row = {
  name: 'caller',
  userCount: batchUsers + warmUps + 2 * calls,
  measure: (system) => system.withFunctions(({ url }) => measure(system, url)),
};

async function measure(system: BenchSystem, url: string): Promise<readonly Measurement[]> {
  await system.simulator.setLatency(latencyMs);
  await putAll(url, system.takeUsers(warmUps));
  const idle = await putAll(url, system.takeUsers(calls));
  const busy = await putDuringBatch(system, url);
  const ratio = median(busy) / median(idle);
  return [
    {
      name: 'A PUT during a batch, against one without',
      measured: `${ratio.toFixed(2)} ×`,
      limit: `at most ${maxRatio} ×`,
      passed: ratio <= maxRatio,
      explanation:
        `median of ${calls} PUTs, one after the other, each for another user: ${describe(idle)} when idle, ` +
        `${describe(busy)} while ${batchUsers} users come from the queue, ${latencyMs} ms latency`,
    },
  ];
}

/** Throws where the batch was over before the last PUT. */
async function putDuringBatch(system: BenchSystem, url: string): Promise<readonly number[]> {
  const batch = await Batch.send(system, 'caller', system.takeUsers(batchUsers));
  await system.simulator.clearRequests();
  await waitUntilRunning(system);
  const durations = await putAll(url, system.takeUsers(calls));
  const written = (await system.simulator.counts())['write'] ?? 0;
  if (written >= batchUsers) throw new Error('The batch was over before the last PUT: it needs more users.');
  // The rest of it would tell nothing more.
  await fetch(new URL('/api/bulk/caller', url), { method: 'DELETE' });
  await batch.waitUntilFinished(30_000 + batchUsers * 100);
  return durations;
}

/** Waits until the batch is well under way. */
async function waitUntilRunning({ simulator }: BenchSystem): Promise<void> {
  const endMs = performance.now() + startLimitMs;
  while (((await simulator.counts())['write'] ?? 0) < warmUps * 10) {
    if (performance.now() > endMs) throw new Error(`The batch did not begin within ${startLimitMs} ms.`);
    await sleep(100);
  }
}

/** Sets each user, and returns how many milliseconds each PUT took. Throws where one was not applied. */
async function putAll(url: string, users: readonly BenchUser[]): Promise<readonly number[]> {
  const durations: number[] = [];
  for (const { address, target } of users) {
    const startMs = performance.now();
    const response = await fetch(new URL(`/api/users/${address}/simultaneous-ring`, url), {
      method: 'PUT',
      body: JSON.stringify({ target }),
    });
    const text = await response.text();
    durations.push(performance.now() - startMs);
    if (response.status !== 200) throw new Error(`A PUT returned ${response.status}: ${text}`);
  }
  return durations;
}

function describe(durations: readonly number[]): string {
  const slowest = Math.max(...durations);
  return `${median(durations).toFixed(0)} ms (slowest ${slowest.toFixed(0)})`;
}
