import type { HttpClient } from '@azure/core-rest-pipeline';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import { isLoopback } from '../../ucwa/transport/trust.ts';
import type { StorageSettings } from '../settings/settings.ts';
import { queueNames, tableNames } from './names.ts';
import { StorageQueues } from './storage-queues.ts';
import { TableLedger } from './table-ledger.ts';
import { TableUsers } from './table-users.ts';
import { createTimeLimitedClient } from './time-limited-client.ts';

export interface Storage {
  readonly queues: StorageQueues;
  readonly ledger: TableLedger;
  readonly users: TableUsers;
}

/** Storage that fails is told to a waiting caller within seconds; what the queue brought comes back later. */
const retry = { maxRetries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 2_000 };

/** The queue client names the same things otherwise, and counts the first try. */
const queueOptions = {
  retryOptions: {
    maxTries: retry.maxRetries + 1,
    retryDelayInMs: retry.retryDelayInMs,
    maxRetryDelayInMs: retry.maxRetryDelayInMs,
  },
};

/**
 * Storage answers within a second as a rule; a transaction of a hundred rows may take a few. Each of four tries at a table
 * may take so long, and a call to a queue with all of its tries: where storage says nothing at all, a caller hears so
 * within half a minute.
 */
const answerLimitMs = 5_000;

/**
 * Makes the clients of queues and tables, with a connection string or as our identity. A try at a table waits `limitMs`
 * for its answer, and a call to a queue for that of all of its tries. Asks nothing yet.
 */
export async function connectStorage(
  storage: StorageSettings,
  identity: () => Promise<TokenCredential>,
  limitMs = answerLimitMs,
): Promise<Storage> {
  const { queueService, table } =
    'connectionString' in storage
      ? byConnectionString(storage.connectionString, createTimeLimitedClient(limitMs))
      : byIdentity(storage, await identity(), createTimeLimitedClient(limitMs));
  const queue = (name: keyof typeof queueNames) => queueService.getQueueClient(queueNames[name]);
  return {
    queues: new StorageQueues(
      { bulk: queue('bulk'), poison: queue('poison'), results: queue('results') },
      limitMs,
    ),
    ledger: new TableLedger(table(tableNames.ledger)),
    users: new TableUsers(table(tableNames.users)),
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
    table: (name: string) => TableClient.fromConnectionString(connectionString, name, options),
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
    table: (name: string) => new TableClient(storage.tableServiceUri, name, identity, options),
  };
}
