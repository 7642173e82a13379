import { QueueServiceClient, type StoragePipelineOptions } from '@azure/storage-queue';
import { HostConfigurationError } from '../app/host-json.ts';

// Short, so that a storage that comes back is noticed soon; whoever polls tries again anyway.
const pipelineOptions: StoragePipelineOptions = {
  retryOptions: { maxTries: 3, retryDelayInMs: 200, maxRetryDelayInMs: 2000 },
};

/**
 * The queue service that a binding's `connection` names: `<name>` is a connection string, or `<name>__queueServiceUri`
 * an address to which `DefaultAzureCredential` opens, as the identity `<name>__clientId` where that is set. As in the
 * real host, `AzureWebJobs<name>` goes before `<name>`, and names of settings are compared without regard to case.
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
    const uri = read('__queueServiceUri') ?? addressOfAccount(read('__accountName'));
    if (uri) return connectWithIdentity(uri, read('__clientId'));
  }
  throw new HostConfigurationError(
    `There is no storage for the connection "${connection}": set "${connection}" (a connection string) or "${connection}__queueServiceUri".`,
  );
}

function addressOfAccount(account: string | undefined): string | undefined {
  return account && `https://${account}.queue.core.windows.net`;
}

async function connectWithIdentity(uri: string, clientId: string | undefined): Promise<QueueServiceClient> {
  // Costs a good part of the start, so it is loaded by those who need it.
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
  return new QueueServiceClient(uri, credential, pipelineOptions);
}
