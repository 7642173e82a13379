import { setTimeout as sleep } from 'node:timers/promises';
import type { Measurement, Row } from '../measurement.ts';
import { runBatch } from '../world/batch.ts';
import type { Child } from '../world/child.ts';
import type { World } from '../world/world.ts';

const few = 1_000;
const many = Number(process.env['BENCH_USERS'] ?? 100_000);
const most = 1.1;
const reads = 5;

/** Azurite looks through its whole table for each entity: after so many people the tables are made anew. */
const roundSize = 4_000;

/** Memory of the functions after few users and after many; BENCH_USERS says how many. */
export const memory: Row = {
  name: 'memory',
  people: many,
  measure: (world) => world.withFunctions(({ child }) => measure(world, child)),
};

async function measure(world: World, child: Child): Promise<readonly Measurement[]> {
  if (!(many > few)) throw new Error(`BENCH_USERS must be a number over ${few}.`);
  await world.simulator.setLatency(0);
  await workThrough(world, 'memory-few', few);
  const before = await settled(child);
  await workThrough(world, 'memory-many', many - few);
  const after = await settled(child);
  const ratio = after.resident / before.resident;
  return [
    {
      what: `Memory, ${few} and ${many} users through the queue`,
      measured: `${ratio.toFixed(3)} ×`,
      limit: `flat: at most ${most} ×`,
      passed: ratio <= most,
      how:
        `distinct users in batches of up to ${roundSize}; resident set of the functions with the queue drained and garbage collected, the least of ${reads} reads: ` +
        `${before.resident.toFixed(1)} MB and ${after.resident.toFixed(1)} MB ` +
        `(heap ${before.heap.toFixed(1)} MB and ${after.heap.toFixed(1)} MB)`,
    },
  ];
}

/** Sends people through the queue, each for the first time, in batches of a size that Azurite bears. */
async function workThrough(world: World, name: string, users: number): Promise<void> {
  for (let done = 0; done < users; done += roundSize) {
    await runBatch(world, `${name}-${done}`, world.takePeople(Math.min(roundSize, users - done)));
    await world.emptyTables();
  }
}

async function settled(child: Child): Promise<{ resident: number; heap: number }> {
  let [resident, heap] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let read = 0; read < reads; read++) {
    await sleep(1_000);
    const { residentBytes, heapBytes } = await child.usage({ collected: true });
    resident = Math.min(resident, residentBytes / 1_000_000);
    heap = Math.min(heap, heapBytes / 1_000_000);
  }
  return { resident, heap };
}
