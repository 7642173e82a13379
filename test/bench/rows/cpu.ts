import { setTimeout as sleep } from 'node:timers/promises';
import { type Measurement, median, type Row } from '../measurement.ts';
import { entriesPerMessage, runBatch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import { Child } from '../system/child.ts';

const warmUpRounds = 2;
const rounds = 5;
const limit = 1.3;
const idleMs = 3_000;

/** CPU time for one user, against a bare loop that sends the same requests. */
export const cpu: Row = {
  name: 'cpu',
  userCount: (warmUpRounds + rounds) * 2 * entriesPerMessage,
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
  let idleShare = 0;
  for (let round = 0; round < warmUpRounds + rounds; round++) {
    const forFunctions = system.takeUsers(entriesPerMessage);
    const forLoop = [...system.takeUsers(entriesPerMessage)];
    if (round === warmUpRounds) idleShare = await measureIdle(functions);
    const ofFunctions = await cpuOf(functions, () => runBatch(system, `cpu-${round}`, forFunctions));
    const ofLoop = await cpuOf(bare, () => bare.ask({ batch: `bare-${round}`, users: forLoop }));
    // The first rounds compile what both do often.
    if (round >= warmUpRounds) {
      cpuOfFunctions.push((ofFunctions.cpuMs - idleShare * ofFunctions.elapsedMs) / entriesPerMessage);
      cpuOfLoop.push(ofLoop.cpuMs / entriesPerMessage);
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
        `medians of ${rounds} alternating rounds with a message of ${entriesPerMessage} entries, after ${warmUpRounds} to ` +
        `warm up; user and system time of the process: ${median(cpuOfFunctions).toFixed(2)} ms against ` +
        `${median(cpuOfLoop).toFixed(2)} ms, without the ${(idleShare * 100).toFixed(1)} % of a core that polls the queues`,
    },
  ];
}

/** Returns the part of a core that the idle functions take: the local host polls the queues in their process, Azure's does not. */
async function measureIdle(functions: Child): Promise<number> {
  const { cpuMs, elapsedMs } = await cpuOf(functions, () => sleep(idleMs));
  return cpuMs / elapsedMs;
}

interface Cpu {
  readonly cpuMs: number;
  readonly elapsedMs: number;
}

async function cpuOf(child: Child, work: () => Promise<unknown>): Promise<Cpu> {
  const [before, startedAtMs] = [await child.usage(), performance.now()];
  await work();
  return { cpuMs: (await child.usage()).cpuMs - before.cpuMs, elapsedMs: performance.now() - startedAtMs };
}
