import type { Clock } from '../runtime/clock.ts';
import type { UcwaClient } from '../ucwa/client.ts';
import type { KeyVaultCredentials } from './key-vault.ts';
import type { StorageQueues } from './storage/storage-queues.ts';
import type { TableLedger } from './storage/table-ledger.ts';
import type { TableUsers } from './storage/table-users.ts';

/** The result of one check: whether a dependency works, and what is wrong with it if it does not. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What the checks are made of. */
export interface HealthDeps {
  readonly credentials: KeyVaultCredentials;
  readonly queues: StorageQueues;
  readonly users: TableUsers;
  readonly ledger: TableLedger;
  readonly ucwa: UcwaClient;
  readonly domains: readonly string[];
  readonly clock: Clock;
}

const checkLimitMs = 8_000;

/**
 * Makes a function that checks vault, queue, tables and the discovery of each domain, all at once and each within eight
 * seconds. It never throws.
 */
export function createHealthChecks(deps: HealthDeps): () => Promise<readonly HealthCheck[]> {
  const { credentials, queues, users, ledger, ucwa, domains, clock } = deps;
  const checks: readonly (readonly [string, (signal: AbortSignal) => Promise<unknown>])[] = [
    ['Key Vault', (signal) => credentials.probe(signal)],
    ['queue', (signal) => queues.probe(signal)],
    ['users table', () => users.probe()],
    ['ledger table', () => ledger.probe()],
    ...domains.map(
      (domain) =>
        [`discovery of ${domain}`, (signal: AbortSignal) => ucwa.probeDiscovery(domain, signal)] as const,
    ),
  ];
  return () => Promise.all(checks.map(([name, probe]) => check(clock, name, probe)));
}

async function check(
  clock: Clock,
  name: string,
  probe: (signal: AbortSignal) => Promise<unknown>,
): Promise<HealthCheck> {
  const limit = clock.timeout(checkLimitMs);
  const over = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () =>
      reject(new Error(`no response within ${checkLimitMs / 1000} seconds`)),
    );
  });
  try {
    await Promise.race([probe(limit.signal), over]);
    return { name, ok: true, detail: 'responds' };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : 'fails' };
  } finally {
    limit.stop();
  }
}
