import type { Measurement, Row } from '../measurement.ts';
import { messageSize, runBatch } from '../world/batch.ts';
import type { World } from '../world/world.ts';
import { CountingProxy } from './counting-proxy.ts';

const users = 2 * messageSize;
const limit = 3.2;

/** Operations on tables and queues for one user, counted between the functions and storage. */
export const operations: Row = {
  name: 'operations',
  people: users,
  async measure(world) {
    const storage = world.environment['BulkStorage'] ?? '';
    const proxies = ['QueueEndpoint', 'TableEndpoint'].map((endpoint) => {
      const [whole = '', url = ''] = new RegExp(`${endpoint}=([^;]+)`).exec(storage) ?? [];
      return { endpoint, whole, proxy: new CountingProxy(url) };
    });
    try {
      let through = storage;
      for (const { endpoint, whole, proxy } of proxies)
        through = through.replace(whole, `${endpoint}=${await proxy.start()}`);
      return await world.withFunctions(
        () =>
          measure(
            world,
            proxies.map(({ proxy }) => proxy),
          ),
        {
          BulkStorage: through,
        },
      );
    } finally {
      for (const { proxy } of proxies) proxy.stop();
    }
  },
};

async function measure(world: World, proxies: readonly CountingProxy[]): Promise<readonly Measurement[]> {
  await world.simulator.setLatency(20);
  await runBatch(world, 'operations', world.takePeople(users));
  const kinds = proxies.flatMap(({ counts }) => [...counts]).sort(([, one], [, other]) => other - one);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const each = total / users;
  return [
    {
      what: 'Table and queue operations for one user',
      measured: each.toFixed(3),
      limit: `at most ${limit}`,
      passed: total > 0 && each <= limit,
      how:
        `${users} users in messages of ${messageSize}, counted before storage, without polls of the empty queue: ` +
        kinds.map(([kind, count]) => `${count} ${kind}`).join(', '),
    },
  ];
}
