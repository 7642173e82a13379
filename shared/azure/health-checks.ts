import type { Clock } from '../runtime/clock.ts';
import type { UcwaClient } from '../ucwa/client.ts';
import type { KeyVaultCredentials } from './key-vault.ts';
import type { StorageQueues } from './storage/storage-queues.ts';
import type { TableLedger } from './storage/table-ledger.ts';
import type { TableUsers } from './storage/table-users.ts';

/** One thing that must work, and what is the matter where it does not. */
export interface Checked {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface HealthParts {
  readonly credentials: KeyVaultCredentials;
  readonly queues: StorageQueues;
  readonly users: TableUsers;
  readonly ledger: TableLedger;
  readonly ucwa: UcwaClient;
  readonly domains: readonly string[];
  readonly clock: Clock;
}

const checkLimitMs = 8_000;

/** Makes the checks of vault, queue, tables and the discovery of each domain, side by side, each within eight seconds. */
export function createHealthChecks(parts: HealthParts): () => Promise<readonly Checked[]> {
  const { credentials, queues, users, ledger, ucwa, domains, clock } = parts;
  const checks: readonly (readonly [string, (signal: AbortSignal) => Promise<unknown>])[] = [
    ['Key Vault', (signal) => credentials.probe(signal)],
    ['queue', (signal) => queues.probe(signal)],
    ['users table', () => users.probe()],
    ['ledger table', () => ledger.readParts('|health')],
    ...domains.map(
      (domain) =>
        [`discovery of ${domain}`, (signal: AbortSignal) => ucwa.probeDiscovery(domain, signal)] as const,
    ),
  ];
  return () => Promise.all(checks.map(([name, run]) => check(clock, name, run)));
}

async function check(
  clock: Clock,
  name: string,
  run: (signal: AbortSignal) => Promise<unknown>,
): Promise<Checked> {
  const limit = clock.timeout(checkLimitMs);
  const over = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () =>
      reject(new Error(`no answer within ${checkLimitMs / 1000} seconds`)),
    );
  });
  try {
    await Promise.race([run(limit.signal), over]);
    return { name, ok: true, detail: 'answers' };
  } catch (error) {
    return { name, ok: false, detail: error instanceof Error ? error.message : 'fails' };
  } finally {
    limit.stop();
  }
}
