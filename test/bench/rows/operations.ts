import type { Measurement, Row } from '../measurement.ts';
import { type EntryOf, entriesPerMessage, runBatch } from '../system/batch.ts';
import type { BenchSystem } from '../system/bench-system.ts';
import { CountingProxy } from './counting-proxy.ts';

const userCount = 2 * entriesPerMessage;
/** The most operations for one user, and for one whose setting ends by itself. */
const limits = { plain: 3.2, temporary: 4.2 } as const;

const dayMs = 86_400_000;

/** Table and queue operations for one user, counted by proxies between the functions and storage. */
export const operations: Row = {
  name: 'operations',
  userCount: 2 * userCount,
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
  const until = new Date(Date.now() + dayMs).toISOString();
  const plain = await measureBatch(system, proxies, 'plain', {});
  const temporary = await measureBatch(system, proxies, 'temporary', { until });
  return [plain, temporary];
}

async function measureBatch(
  system: BenchSystem,
  proxies: readonly CountingProxy[],
  kind: keyof typeof limits,
  more: Readonly<Record<string, string>>,
): Promise<Measurement> {
  const before = totalsOf(proxies);
  const entryOf: EntryOf = ({ address, target }) => ({ user: address, target, ...more });
  await runBatch(system, `operations-${kind}`, system.takeUsers(userCount), entryOf);
  const kinds = [...totalsOf(proxies)]
    .map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const)
    .sort(([, one], [, other]) => other - one);
  const total = kinds.reduce((sum, [, count]) => sum + count, 0);
  const perUser = total / userCount;
  return {
    name: `Table and queue operations for one user${kind === 'temporary' ? ', with `until`' : ''}`,
    measured: perUser.toFixed(3),
    limit: `at most ${limits[kind]}`,
    passed: total > 0 && perUser <= limits[kind],
    explanation:
      `${userCount} users in messages of ${entriesPerMessage}, without polls of the empty queue: ` +
      kinds
        .filter(([, count]) => count > 0)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
  };
}

function totalsOf(proxies: readonly CountingProxy[]): ReadonlyMap<string, number> {
  return new Map(proxies.flatMap(({ counts }) => [...counts]));
}
