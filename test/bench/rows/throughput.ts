import { availableParallelism } from 'node:os';
import { type Measurement, median, type Row } from '../measurement.ts';
import { entriesPerMessage, runBatch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import type { Child } from '../system/child.ts';
import { measureLoad } from '../system/machine.ts';

const latencyMs = 20;
const concurrency = 16;
const rounds = 3;
const usersPerRound = 8 * entriesPerMessage;
const minShare = 0.9;

/** Users per second through the queue, against the most that the server's latency allows. */
export const throughput: Row = {
  name: 'throughput',
  userCount: entriesPerMessage + rounds * usersPerRound,
  measure: (system) =>
    system.withFunctions(({ child }) => measure(system, child), { UCWA_CONCURRENCY: String(concurrency) }),
};

/** The speed of one batch, and its load on the machine. */
interface Round {
  readonly seconds: number;
  readonly requestsPerUser: number;
  /** Of the ideal throughput. */
  readonly share: number;
  readonly cpuMs: number;
  readonly busyPercent: number;
}

async function measure(system: BenchSystem, functions: Child): Promise<readonly Measurement[]> {
  await system.simulator.setLatency(latencyMs);
  await runBatch(system, 'throughput-warm-up', system.takeUsers(entriesPerMessage));
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(system, functions, round));
  const share = median(measured.map((round) => round.share));
  const medianRound = measured.find((round) => round.share === share);
  if (medianRound === undefined) throw new Error('Nothing was measured.');
  const { seconds, requestsPerUser, cpuMs, busyPercent } = medianRound;
  return [
    {
      name: 'Bulk throughput, 20 ms latency, 16 at once',
      measured: share.toFixed(3),
      limit: `at least ${minShare} of the ideal`,
      passed: share >= minShare,
      explanation:
        `median of ${measured.map((round) => round.share.toFixed(3)).join(', ')}: ${usersPerRound} users in messages of ` +
        `${entriesPerMessage}, from the first request at the server to the last response: ${seconds.toFixed(1)} s, ` +
        `${(usersPerRound / seconds).toFixed(1)} users/s, ideally ${(usersPerRound / seconds / share).toFixed(1)} with ` +
        `${requestsPerUser.toFixed(2)} requests per user; CPU time of the functions per user ${cpuMs.toFixed(1)} ms; the ` +
        `${availableParallelism()} cores of the machine were ${busyPercent} % busy`,
    },
  ];
}

async function measureRound(system: BenchSystem, functions: Child, round: number): Promise<Round> {
  const users = system.takeUsers(usersPerRound);
  await system.emptyTables();
  const before = await functions.usage();
  let busyPercent = 0;
  const { total } = await system.simulator.countDuring(async () => {
    busyPercent = await measureLoad(() => runBatch(system, `throughput-${round}`, users));
  });
  const after = await functions.usage();
  const times = await system.simulator.times();
  const [firstMs, lastMs] = [times.at(0), times.at(-1)];
  if (firstMs === undefined || lastMs === undefined) throw new Error('No request reached the server.');
  const seconds = (lastMs - firstMs + latencyMs) / 1000;
  const requestsPerUser = total / usersPerRound;
  const ideal = concurrency / (requestsPerUser * (latencyMs / 1000));
  return {
    seconds,
    requestsPerUser,
    share: usersPerRound / seconds / ideal,
    cpuMs: (after.cpuMs - before.cpuMs) / usersPerRound,
    busyPercent,
  };
}
