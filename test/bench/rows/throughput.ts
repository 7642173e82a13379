import { availableParallelism } from 'node:os';
import type { Measurement, Row } from '../measurement.ts';
import { messageSize, runBatch } from '../world/batch.ts';
import type { Child } from '../world/child.ts';
import { busyDuring } from '../world/machine.ts';
import type { World } from '../world/world.ts';

const latencyMs = 20;
const atOnce = 16;
const users = 8 * messageSize;
const leastShare = 0.9;

/** Users per second through the queue, against what the latency of the server allows. */
export const throughput: Row = {
  name: 'throughput',
  people: messageSize + users,
  measure: (world) =>
    world.withFunctions(({ child }) => measure(world, child), { UCWA_CONCURRENCY: String(atOnce) }),
};

async function measure(world: World, functions: Child): Promise<readonly Measurement[]> {
  const { simulator } = world;
  await simulator.setLatency(latencyMs);
  await runBatch(world, 'throughput-warm-up', world.takePeople(messageSize));
  const people = world.takePeople(users);
  const before = await Promise.all([functions.usage(), world.servicesUsage()]);
  let busy = 0;
  const { total } = await simulator.countDuring(async () => {
    busy = await busyDuring(() => runBatch(world, 'throughput', people));
  });
  const after = await Promise.all([functions.usage(), world.servicesUsage()]);
  const times = await simulator.times();
  const [begun, ended] = [times.at(0), times.at(-1)];
  if (begun === undefined || ended === undefined) throw new Error('Nothing reached the server.');
  const seconds = (ended - begun + latencyMs) / 1000;
  const perSecond = users / seconds;
  const requestsEach = total / users;
  const ideal = atOnce / (requestsEach * (latencyMs / 1000));
  const share = perSecond / ideal;
  const [ours, theirs] = after.map(({ cpuMs }, index) => (cpuMs - (before[index]?.cpuMs ?? 0)) / users);
  return [
    {
      what: 'Bulk throughput, 20 ms latency, 16 at once',
      measured: share.toFixed(3),
      limit: `at least ${leastShare} of the ideal`,
      passed: share >= leastShare,
      how:
        `${users} users in messages of ${messageSize}, from the first request at the server to the last answer: ` +
        `${seconds.toFixed(1)} s, ${perSecond.toFixed(1)} users/s against ${ideal.toFixed(1)} ` +
        `with ${requestsEach.toFixed(2)} requests each; ` +
        `CPU for a user: functions ${ours?.toFixed(1)} ms, UCWA and vault ${theirs?.toFixed(1)} ms; ` +
        `the ${availableParallelism()} cores of the machine were ${busy} % busy`,
    },
  ];
}
