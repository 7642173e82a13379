import type { Measurement, Row } from '../measurement.ts';
import { entriesPerMessage, runBatch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import { CountingProxy } from './counting-proxy.ts';

const userCount = 2 * entriesPerMessage;
const limit = 3.2;

/** Table and queue operations for one user, counted by proxies between the functions and storage. */
export const operations: Row = {
  name: 'operations',
  userCount,
  async measure(system) {
    const storage = system.environment['BulkStorage'] ?? '';
    const proxies = ['QueueEndpoint', 'TableEndpoint'].map((endpoint) => {
      const [whole = '', url = ''] = new RegExp(`${endpoint}=([^;]+)`).exec(storage) ?? [];
      return { endpoint, whole, proxy: new CountingProxy(url) };
    });
    try {
      let proxied = storage;
      for (const { endpoint, whole, proxy } of proxies)
        proxied = proxied.replace(whole, `${endpoint}=${await proxy.start()}`);
      return await system.withFunctions(
        () =>
          measure(
            system,
            proxies.map(({ proxy }) => proxy),
          ),
        {
          BulkStorage: proxied,
        },
      );
    } finally {
      for (const { proxy } of proxies) proxy.stop();
    }
  },
};

async function measure(
  system: BenchSystem,
  proxies: readonly CountingProxy[],
): Promise<readonly Measurement[]> {
  await system.simulator.setLatency(20);
  await runBatch(system, 'operations', system.takeUsers(userCount));
  const kinds = proxies.flatMap(({ counts }) => [...counts]).sort(([, one], [, other]) => other - one);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const perUser = total / userCount;
  return [
    {
      name: 'Table and queue operations for one user',
      measured: perUser.toFixed(3),
      limit: `at most ${limit}`,
      passed: total > 0 && perUser <= limit,
      explanation:
        `${userCount} users in messages of ${entriesPerMessage}, without polls of the empty queue: ` +
        kinds.map(([kind, count]) => `${count} ${kind}`).join(', '),
    },
  ];
}
