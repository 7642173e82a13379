import { type Measurement, median, type Row } from '../measurement.ts';
import { entriesPerMessage, runBatch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import { Child } from '../system/child.ts';

const rounds = 3;
const limit = 1.3;

/** CPU time for one user, against a bare loop that sends the same requests. */
export const cpu: Row = {
  name: 'cpu',
  userCount: (rounds + 1) * 2 * entriesPerMessage,
  measure: (system) =>
    system.withFunctions(async ({ child }) => {
      const bare = new Child({ entry: 'test/bench/bare/loop.ts', environment: system.environment });
      try {
        await bare.waitForOutput(/Ready/);
        return await measure(system, child, bare);
      } finally {
        await bare.stop('SIGKILL');
      }
    }),
};

async function measure(system: BenchSystem, functions: Child, bare: Child): Promise<readonly Measurement[]> {
  await system.simulator.setLatency(20);
  const [cpuOfFunctions, cpuOfLoop]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const forFunctions = system.takeUsers(entriesPerMessage);
    const forLoop = [...system.takeUsers(entriesPerMessage)];
    const ofFunctions = await cpuOf(functions, () => runBatch(system, `cpu-${round}`, forFunctions));
    const ofLoop = await cpuOf(bare, () => bare.ask({ batch: `bare-${round}`, users: forLoop }));
    // The first round warms both up.
    if (round > 0) {
      cpuOfFunctions.push(ofFunctions / entriesPerMessage);
      cpuOfLoop.push(ofLoop / entriesPerMessage);
    }
  }
  const ratio = median(cpuOfFunctions) / median(cpuOfLoop);
  return [
    {
      name: 'CPU time for one user',
      measured: `${ratio.toFixed(2)} ×`,
      limit: `at most ${limit} × a bare loop of the same requests`,
      passed: ratio <= limit,
      explanation:
        `medians of ${rounds} alternating rounds with a message of ${entriesPerMessage} entries, after one to warm up; user and ` +
        `system time of the process: ${median(cpuOfFunctions).toFixed(2)} ms against ${median(cpuOfLoop).toFixed(2)} ms`,
    },
  ];
}

async function cpuOf(child: Child, work: () => Promise<unknown>): Promise<number> {
  const before = await child.usage();
  await work();
  return (await child.usage()).cpuMs - before.cpuMs;
}
