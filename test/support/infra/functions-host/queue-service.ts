import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout } from 'node:timers/promises';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';

const entry = createRequire(import.meta.url).resolve('azurite/dist/src/queue/main.js');
const flags = [
  '--inMemoryPersistence',
  '--skipApiVersionCheck',
  '--queueHost',
  '127.0.0.1',
  '--queuePort',
  '0',
];
// Azurite's well-known account.
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Azurite's queue service in a process of its own. */
export interface QueueService {
  readonly connectionString: string;
  readonly client: QueueServiceClient;
  stop(): Promise<void>;
}

/** Starts Azurite's queue service on a free port. */
export async function startQueueService(): Promise<QueueService> {
  const child = spawn(process.execPath, [entry, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  let address: string | undefined;
  while (!address) {
    await once(child.stdout, 'data');
    address = /listens on (\S+)/.exec(output)?.[1];
  }
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};QueueEndpoint=${address}/${account};`;
  return {
    connectionString,
    client: QueueServiceClient.fromConnectionString(connectionString),
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Waits until the queue holds this number of messages, visible or not. */
export async function waitForCount(queue: QueueClient, count: number): Promise<void> {
  while ((await queue.getProperties()).approximateMessagesCount !== count) await setTimeout(10);
}
