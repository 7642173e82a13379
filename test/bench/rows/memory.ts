import { setTimeout as sleep } from 'node:timers/promises';
import type { Measurement, Row } from '../measurement.ts';
import { runBatch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import type { Child } from '../system/child.ts';

const few = 1_000;
const many = Number(process.env['BENCH_USERS'] ?? 100_000);
const limit = 1.1;
const readings = 5;

/** Azurite scans its whole table for each entity, so the tables are emptied after this number of users. */
const roundSize = 4_000;

/** Memory of the functions after few users and after many; BENCH_USERS sets the larger number. */
export const memory: Row = {
  name: 'memory',
  userCount: many,
  measure: (system) => system.withFunctions(({ child }) => measure(system, child)),
};

async function measure(system: BenchSystem, child: Child): Promise<readonly Measurement[]> {
  if (!(many > few)) throw new Error(`BENCH_USERS must be a number above ${few}.`);
  await system.simulator.setLatency(0);
  await runBatches(system, 'memory-few', few);
  const before = await readMemory(child);
  await runBatches(system, 'memory-many', many - few);
  const after = await readMemory(child);
  const ratio = after.resident / before.resident;
  return [
    {
      name: `Memory, ${few} and ${many} users through the queue`,
      measured: `${ratio.toFixed(3)} ×`,
      limit: `flat: at most ${limit} ×`,
      passed: ratio <= limit,
      explanation:
        `distinct users in batches of up to ${roundSize}; resident set of the functions with an empty queue after garbage collection, ` +
        `the least of ${readings} readings: ` +
        `${before.resident.toFixed(1)} MB and ${after.resident.toFixed(1)} MB ` +
        `(heap ${before.heap.toFixed(1)} MB and ${after.heap.toFixed(1)} MB)`,
    },
  ];
}

/** Runs batches of new users, each small enough for Azurite. */
async function runBatches(system: BenchSystem, name: string, userCount: number): Promise<void> {
  for (let done = 0; done < userCount; done += roundSize) {
    await runBatch(system, `${name}-${done}`, system.takeUsers(Math.min(roundSize, userCount - done)));
    await system.emptyTables();
  }
}

async function readMemory(child: Child): Promise<{ resident: number; heap: number }> {
  let [resident, heap] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let reading = 0; reading < readings; reading++) {
    await sleep(1_000);
    const { residentBytes, heapBytes } = await child.usage({ collected: true });
    resident = Math.min(resident, residentBytes / 1_000_000);
    heap = Math.min(heap, heapBytes / 1_000_000);
  }
  return { resident, heap };
}
