import { setTimeout as sleep } from 'node:timers/promises';
import type { Measurement, Row } from '../measurement.ts';
import { runBatch } from '../world/batch.ts';
import type { Child } from '../world/child.ts';
import type { World } from '../world/world.ts';

const few = 1_000;
const many = Number(process.env['BENCH_USERS'] ?? 10_000);
const most = 1.1;
const reads = 5;

/** Memory of the functions after few users and after many; BENCH_USERS says how many. */
export const memory: Row = {
  name: 'memory',
  people: many,
  measure: (world) => world.withFunctions(({ child }) => measure(world, child)),
};

async function measure(world: World, child: Child): Promise<readonly Measurement[]> {
  if (!(many > few)) throw new Error(`BENCH_USERS must be a number over ${few}.`);
  await world.simulator.setLatency(0);
  await runBatch(world, 'memory-few', world.takePeople(few));
  const before = await settled(child);
  await runBatch(world, 'memory-many', world.takePeople(many - few));
  const after = await settled(child);
  const ratio = after.resident / before.resident;
  return [
    {
      what: `Memory, ${few} and ${many} users through the queue`,
      measured: `${ratio.toFixed(3)} ×`,
      limit: `flat: at most ${most} ×`,
      passed: ratio <= most,
      how:
        `resident set of the functions with the queue drained and garbage collected, the least of ${reads} reads: ` +
        `${before.resident.toFixed(1)} MB and ${after.resident.toFixed(1)} MB ` +
        `(heap ${before.heap.toFixed(1)} MB and ${after.heap.toFixed(1)} MB)`,
    },
  ];
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
