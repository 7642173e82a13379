import { type Measurement, median, type Row } from '../measurement.ts';
import { messageSize, runBatch } from '../world/batch.ts';
import { Child } from '../world/child.ts';
import type { World } from '../world/world.ts';

const rounds = 3;
const limit = 1.5;

/** CPU time for one user, against a bare loop that makes the same requests. */
export const cpu: Row = {
  name: 'cpu',
  people: (rounds + 1) * 2 * messageSize,
  measure: (world) =>
    world.withFunctions(async ({ child }) => {
      const bare = new Child({ entry: 'test/bench/bare/loop.ts', environment: world.environment });
      try {
        await bare.prints(/Ready/);
        return await measure(world, child, bare);
      } finally {
        await bare.stop('SIGKILL');
      }
    }),
};

async function measure(world: World, functions: Child, bare: Child): Promise<readonly Measurement[]> {
  await world.simulator.setLatency(20);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const mine = world.takePeople(messageSize);
    const other = [...world.takePeople(messageSize)];
    const built = await cpuOf(functions, () => runBatch(world, `cpu-${round}`, mine));
    const loop = await cpuOf(bare, () => bare.ask({ batch: `bare-${round}`, people: other }));
    // The first round of each warms it up.
    if (round > 0) {
      ours.push(built / messageSize);
      theirs.push(loop / messageSize);
    }
  }
  const ratio = median(ours) / median(theirs);
  return [
    {
      what: 'CPU for one user',
      measured: `${ratio.toFixed(2)} ×`,
      limit: `at most ${limit} × a bare loop of the same requests`,
      passed: ratio <= limit,
      how:
        `medians of ${rounds} alternating rounds of a message of ${messageSize}, after one to warm up, user and system ` +
        `time of the process: ${median(ours).toFixed(2)} ms against ${median(theirs).toFixed(2)} ms`,
    },
  ];
}

async function cpuOf(child: Child, work: () => Promise<unknown>): Promise<number> {
  const before = await child.usage();
  await work();
  return (await child.usage()).cpuMs - before.cpuMs;
}
