import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';

/** Few and short: a person waits for the start. */
const retries = 2;
const retryDelayInMs = 300;

/** Creates the queues and tables that do not exist; existing ones are not changed. */
export async function createQueuesAndTables(
  connectionString: string,
  names: { queues: readonly string[]; tables: readonly string[] },
): Promise<void> {
  const service = QueueServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: retries + 1, retryDelayInMs },
  });
  const queues = names.queues.map((name) => service.getQueueClient(name).createIfNotExists());
  // Azurite uses http on loopback.
  const options = { allowInsecureConnection: true, retryOptions: { maxRetries: retries, retryDelayInMs } };
  const tables = names.tables.map((name) =>
    TableClient.fromConnectionString(connectionString, name, options).createTable(),
  );
  await Promise.all([...queues, ...tables]);
}

/**
 * Creates what is missing in storage that is not ours. Only says so where it cannot: the rights may be too small for that,
 * and everything may exist.
 */
export async function createMissing(
  connectionString: string,
  names: { queues: readonly string[]; tables: readonly string[] },
): Promise<void> {
  try {
    await createQueuesAndTables(connectionString, names);
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'it is not valid';
    console.error(
      `The queues and tables of BulkStorage could not be created (${reason}). If some are missing, GET /api/health names them.`,
    );
  }
}
