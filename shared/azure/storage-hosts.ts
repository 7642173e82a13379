import type { StorageSettings } from './settings/storage-settings.ts';

/** The hosts of queues and tables; undefined where a connection string tells neither. */
export interface StorageHosts {
  readonly queue: string | undefined;
  readonly table: string | undefined;
}

/** Returns the hosts that the settings of storage lead to. */
export function storageHosts(storage: StorageSettings): StorageHosts {
  if ('queueServiceUri' in storage)
    return { queue: hostOf(storage.queueServiceUri), table: hostOf(storage.tableServiceUri) };
  const parts = new Map(
    storage.connectionString.split(';').map((part) => {
      const [name = '', ...value] = part.split('=');
      return [name.trim().toLowerCase(), value.join('=')] as const;
    }),
  );
  const account = parts.get('accountname');
  const suffix = parts.get('endpointsuffix') ?? 'core.windows.net';
  const named = (service: string) =>
    hostOf(parts.get(`${service}endpoint`)) ?? (account && `${account}.${service}.${suffix}`);
  return { queue: named('queue'), table: named('table') };
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : URL.parse(url)?.host;
}
