import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';

/** Creates the queues and tables that do not exist; existing ones are not changed. */
export async function createQueuesAndTables(
  connectionString: string,
  names: { queues: readonly string[]; tables: readonly string[] },
): Promise<void> {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const queues = names.queues.map((name) => service.getQueueClient(name).createIfNotExists());
  // Azurite uses http on loopback.
  const options = { allowInsecureConnection: true };
  const tables = names.tables.map((name) =>
    TableClient.fromConnectionString(connectionString, name, options).createTable(),
  );
  await Promise.all([...queues, ...tables]);
}
