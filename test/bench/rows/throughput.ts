import { availableParallelism } from 'node:os';
import { type Measurement, median, type Row } from '../measurement.ts';
import { messageSize, runBatch } from '../world/batch.ts';
import type { Child } from '../world/child.ts';
import { busyDuring } from '../world/machine.ts';
import type { World } from '../world/world.ts';

const latencyMs = 20;
const atOnce = 16;
const rounds = 3;
const users = 4 * messageSize;
const leastShare = 0.9;

/** Users per second through the queue, against what the latency of the server allows. */
export const throughput: Row = {
  name: 'throughput',
  people: messageSize + rounds * users,
  measure: (world) =>
    world.withFunctions(({ child }) => measure(world, child), { UCWA_CONCURRENCY: String(atOnce) }),
};

/** One batch: how fast it was, and what it took of the machine. */
interface Round {
  readonly seconds: number;
  readonly requestsEach: number;
  readonly share: number;
  readonly cpuMs: number;
  readonly busyPercent: number;
}

async function measure(world: World, functions: Child): Promise<readonly Measurement[]> {
  await world.simulator.setLatency(latencyMs);
  await runBatch(world, 'throughput-warm-up', world.takePeople(messageSize));
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) measured.push(await measureRound(world, functions, round));
  const share = median(measured.map((round) => round.share));
  const middle = measured.find((round) => round.share === share);
  if (middle === undefined) throw new Error('Nothing was measured.');
  const { seconds, requestsEach, cpuMs, busyPercent } = middle;
  return [
    {
      what: 'Bulk throughput, 20 ms latency, 16 at once',
      measured: share.toFixed(3),
      limit: `at least ${leastShare} of the ideal`,
      passed: share >= leastShare,
      how:
        `the middle one of ${measured.map((round) => round.share.toFixed(3)).join(', ')}: ${users} users in messages of ${messageSize}, ` +
        `from the first request at the server to the last answer: ${seconds.toFixed(1)} s, ${(users / seconds).toFixed(1)} users/s ` +
        `against ${(users / seconds / share).toFixed(1)} with ${requestsEach.toFixed(2)} requests each; CPU of the functions for a user ` +
        `${cpuMs.toFixed(1)} ms; the ${availableParallelism()} cores of the machine were ${busyPercent} % busy`,
    },
  ];
}

async function measureRound(world: World, functions: Child, round: number): Promise<Round> {
  const people = world.takePeople(users);
  await world.emptyTables();
  const before = await functions.usage();
  let busyPercent = 0;
  const { total } = await world.simulator.countDuring(async () => {
    busyPercent = await busyDuring(() => runBatch(world, `throughput-${round}`, people));
  });
  const after = await functions.usage();
  const times = await world.simulator.times();
  const [begun, ended] = [times.at(0), times.at(-1)];
  if (begun === undefined || ended === undefined) throw new Error('Nothing reached the server.');
  const seconds = (ended - begun + latencyMs) / 1000;
  const requestsEach = total / users;
  const ideal = atOnce / (requestsEach * (latencyMs / 1000));
  return {
    seconds,
    requestsEach,
    share: users / seconds / ideal,
    cpuMs: (after.cpuMs - before.cpuMs) / users,
    busyPercent,
  };
}
