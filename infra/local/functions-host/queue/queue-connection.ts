import { QueueServiceClient, type StoragePipelineOptions } from '@azure/storage-queue';
import { HostConfigurationError } from '../app/configuration-error.ts';

// Few retries, because the next poll tries again anyway and notices soon that storage is back.
const pipelineOptions: StoragePipelineOptions = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000 },
};

/**
 * Returns the queue service of a binding's `connection`: the setting `<name>` is a connection string, or
 * `<name>__queueServiceUri` is a URL that is used with `DefaultAzureCredential`, with the identity `<name>__clientId` if set.
 * As in the real host, `AzureWebJobs<name>` goes before `<name>`, and names of settings are compared without case.
 */
export async function connectQueueService(
  connection: string,
  environment: NodeJS.ProcessEnv,
): Promise<QueueServiceClient> {
  const settings = new Map(Object.entries(environment).map(([name, value]) => [name.toLowerCase(), value]));
  for (const name of [`AzureWebJobs${connection}`, connection]) {
    const read = (suffix: string) => settings.get(`${name}${suffix}`.toLowerCase());
    const connectionString = read('');
    if (connectionString) return QueueServiceClient.fromConnectionString(connectionString, pipelineOptions);
    const uri = read('__queueServiceUri') ?? urlOfAccount(read('__accountName'));
    if (uri) return connectWithIdentity(uri, read('__clientId'));
  }
  throw new HostConfigurationError(
    `No storage is configured for the connection "${connection}": set "${connection}" (a connection string) or "${connection}__queueServiceUri".`,
  );
}

function urlOfAccount(account: string | undefined): string | undefined {
  return account && `https://${account}.queue.core.windows.net`;
}

async function connectWithIdentity(uri: string, clientId: string | undefined): Promise<QueueServiceClient> {
  // Loading it takes a large part of the start, and most starts do not need it.
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
  return new QueueServiceClient(uri, credential, pipelineOptions);
}
