import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import { isLoopback } from '../ucwa/trust.ts';
import { queueNames, tableNames } from './names.ts';
import type { StorageSettings } from './settings.ts';
import { StorageQueues } from './storage-queues.ts';
import { TableLedger } from './table-ledger.ts';
import { TableUsers } from './table-users.ts';

export interface Storage {
  readonly queues: StorageQueues;
  readonly ledger: TableLedger;
  readonly users: TableUsers;
}

/** Makes the clients of queues and tables, with a connection string or as our identity. Asks nothing yet. */
export async function connectStorage(
  storage: StorageSettings,
  identity: () => Promise<TokenCredential>,
): Promise<Storage> {
  const { queueService, table } =
    'connectionString' in storage
      ? byConnectionString(storage.connectionString)
      : byIdentity(storage, await identity());
  const queue = (name: keyof typeof queueNames) => queueService.getQueueClient(queueNames[name]);
  return {
    queues: new StorageQueues({ bulk: queue('bulk'), poison: queue('poison'), results: queue('results') }),
    ledger: new TableLedger(table(tableNames.ledger)),
    users: new TableUsers(table(tableNames.users)),
  };
}

function byConnectionString(connectionString: string) {
  const { url } = TableServiceClient.fromConnectionString(connectionString, {
    allowInsecureConnection: true,
  });
  const options = { allowInsecureConnection: isLoopback(new URL(url).hostname) };
  return {
    queueService: QueueServiceClient.fromConnectionString(connectionString),
    table: (name: string) => TableClient.fromConnectionString(connectionString, name, options),
  };
}

function byIdentity(
  storage: { queueServiceUri: string; tableServiceUri: string },
  identity: TokenCredential,
) {
  const options = { allowInsecureConnection: isLoopback(new URL(storage.tableServiceUri).hostname) };
  return {
    queueService: new QueueServiceClient(storage.queueServiceUri, identity),
    table: (name: string) => new TableClient(storage.tableServiceUri, name, identity, options),
  };
}
