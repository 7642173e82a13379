import type { Measurement, Row } from '../measurement.ts';
import { messageSize, runBatch } from '../world/batch.ts';
import type { World } from '../world/world.ts';

const latencyMs = 20;
const atOnce = 16;
const users = 4 * messageSize;
const leastShare = 0.9;

/** Users per second through the queue, against what the latency of the server allows. */
export const throughput: Row = {
  name: 'throughput',
  people: messageSize + users,
  measure: (world) => world.withFunctions(() => measure(world), { UCWA_CONCURRENCY: String(atOnce) }),
};

async function measure(world: World): Promise<readonly Measurement[]> {
  const { simulator } = world;
  await simulator.setLatency(latencyMs);
  await runBatch(world, 'throughput-warm-up', world.takePeople(messageSize));
  const people = world.takePeople(users);
  const { total } = await simulator.countDuring(() => runBatch(world, 'throughput', people));
  const times = await simulator.times();
  const [begun, ended] = [times.at(0), times.at(-1)];
  if (begun === undefined || ended === undefined) throw new Error('Nothing reached the server.');
  const seconds = (ended - begun + latencyMs) / 1000;
  const perSecond = users / seconds;
  const requestsEach = total / users;
  const ideal = atOnce / (requestsEach * (latencyMs / 1000));
  const share = perSecond / ideal;
  return [
    {
      what: 'Bulk throughput, 20 ms latency, 16 at once',
      measured: share.toFixed(3),
      limit: `at least ${leastShare} of the ideal`,
      passed: share >= leastShare,
      how:
        `${users} users in messages of ${messageSize}, from the first request at the server to the last answer: ` +
        `${seconds.toFixed(1)} s, ${perSecond.toFixed(1)} users/s against ${ideal.toFixed(1)} ` +
        `with ${requestsEach.toFixed(2)} requests each`,
    },
  ];
}
