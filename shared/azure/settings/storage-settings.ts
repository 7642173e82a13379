import { failed, type Result, success } from '../../runtime/result.ts';
import { connectionStringProblem } from './connection-string.ts';
import type { SettingProblem } from './setting-problem.ts';
import { secureUrl } from './setting-values.ts';

/** How queues and tables are reached: with a connection string, or as an identity. */
export type StorageSettings =
  | { readonly connectionString: string }
  | {
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      readonly clientId: string | undefined;
    };

const serviceUris = ['BulkStorage__queueServiceUri', 'BulkStorage__tableServiceUri'] as const;

/** The names of all settings of storage. */
export const storageSettingNames = ['BulkStorage', ...serviceUris] as const;

/** Parses the settings of storage. A connection string takes precedence over the addresses of the two services. */
export function parseStorageSettings(
  given: NodeJS.ProcessEnv,
): Result<StorageSettings, readonly SettingProblem[]> {
  const connectionString = given['BulkStorage'];
  if (connectionString !== undefined) {
    const detail = connectionStringProblem(connectionString);
    return detail === undefined
      ? success({ connectionString })
      : failed([{ setting: 'BulkStorage', detail }]);
  }
  const read = serviceUris.map((setting) => ({ setting, uri: secureUrl.safeParse(given[setting]) }));
  const [queue, table] = read.map(({ uri }) => uri.data?.href);
  if (queue === undefined || table === undefined) {
    const wrong = read.filter(({ uri }) => !uri.success);
    return failed(wrong.map(({ setting }) => ({ setting, detail: uriProblem(given[setting]) })));
  }
  const clientId = given['BulkStorage__clientId'] ?? given['AZURE_CLIENT_ID'];
  return success({ queueServiceUri: queue, tableServiceUri: table, clientId });
}

function uriProblem(value: string | undefined): string {
  return value === undefined
    ? 'is missing (or BulkStorage, a connection string).'
    : 'must be a URL that begins with https://.';
}
