import type { HttpClient } from '@azure/core-rest-pipeline';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import { isLoopback } from '../../ucwa/transport/trust.ts';
import type { StorageSettings } from '../settings/storage-settings.ts';
import { queueNames, tableNames } from './names.ts';
import { StorageQueues } from './storage-queues.ts';
import { TableLedger } from './table-ledger.ts';
import { createTimeLimitedClient } from './time-limited-client.ts';
import { TableUsers } from './users/table-users.ts';

/** The ports of the ring on Azure Storage. */
export interface Storage {
  readonly queues: StorageQueues;
  readonly ledger: TableLedger;
  readonly users: TableUsers;
}

/** Few and short retries: a caller who waits must hear of a failure within seconds, and a message comes back anyway. */
const retry = { maxRetries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 2_000 };

/** The same for the queue client, which has other names for it and counts the first try. */
const queueOptions = {
  retryOptions: {
    maxTries: retry.maxRetries + 1,
    retryDelayInMs: retry.retryDelayInMs,
    maxRetryDelayInMs: retry.maxRetryDelayInMs,
  },
};

/**
 * Storage responds within a second as a rule, and within a few to a transaction of a hundred rows. If it is silent, a call
 * of four tries fails within half a minute.
 */
const responseLimitMs = 5_000;

/**
 * Creates the clients of queues and tables, with a connection string or as our identity. `limitMs` bounds each try at a
 * table, and a call of a queue with all its tries. Sends no request yet.
 */
export async function connectStorage(
  storage: StorageSettings,
  identity: () => Promise<TokenCredential>,
  limitMs = responseLimitMs,
): Promise<Storage> {
  const { queueService, tableOf } =
    'connectionString' in storage
      ? byConnectionString(storage.connectionString, createTimeLimitedClient(limitMs))
      : byIdentity(storage, await identity(), createTimeLimitedClient(limitMs));
  const queueOf = (name: keyof typeof queueNames) => queueService.getQueueClient(queueNames[name]);
  return {
    queues: new StorageQueues(
      { bulk: queueOf('bulk'), poison: queueOf('poison'), results: queueOf('results') },
      limitMs,
    ),
    ledger: new TableLedger(tableOf(tableNames.ledger)),
    users: new TableUsers(tableOf(tableNames.users)),
  };
}

function byConnectionString(connectionString: string, httpClient: HttpClient) {
  const { url } = TableServiceClient.fromConnectionString(connectionString, {
    allowInsecureConnection: true,
  });
  const allowInsecureConnection = isLoopback(new URL(url).hostname);
  const options = { allowInsecureConnection, retryOptions: retry, httpClient };
  return {
    queueService: QueueServiceClient.fromConnectionString(connectionString, queueOptions),
    tableOf: (name: string) => TableClient.fromConnectionString(connectionString, name, options),
  };
}

function byIdentity(
  storage: { queueServiceUri: string; tableServiceUri: string },
  identity: TokenCredential,
  httpClient: HttpClient,
) {
  const allowInsecureConnection = isLoopback(new URL(storage.tableServiceUri).hostname);
  const options = { allowInsecureConnection, retryOptions: retry, httpClient };
  return {
    queueService: new QueueServiceClient(storage.queueServiceUri, identity, queueOptions),
    tableOf: (name: string) => new TableClient(storage.tableServiceUri, name, identity, options),
  };
}
