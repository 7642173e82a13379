import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { TableClient } from '@azure/data-tables';
import { DefaultAzureCredential } from '@azure/identity';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';
import { makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { LocalStorage } from '../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../infra/local/storage/queues-and-tables.ts';

const storageFolder = join(import.meta.dirname, '../../../../infra/local/storage');
const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startStorage(options: ConstructorParameters<typeof LocalStorage>[0]): Promise<LocalStorage> {
  const storage = new LocalStorage(options);
  await storage.start();
  stops.push(() => storage.stop());
  return storage;
}

async function occupyPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address.');
  return address.port;
}

async function isListening(uri: string): Promise<boolean> {
  return fetch(uri).then(
    () => true,
    () => false,
  );
}

describe.each([
  ['in a process of its own', false],
  ['in this process', true],
])('local storage %s', (_where, inProcess) => {
  it('stores messages and entities for the Azure SDK, and leaves no file', async () => {
    const filesBefore = await readdir('.');
    const { connectionString } = await startStorage({ inProcess });
    await createQueuesAndTables(connectionString, { queues: ['simring-bulk'], tables: ['simringusers'] });
    const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('simring-bulk');
    await queue.sendMessage('hello');
    expect((await queue.receiveMessages()).receivedMessageItems).toMatchObject([{ messageText: 'hello' }]);
    const options = { allowInsecureConnection: true };
    const table = TableClient.fromConnectionString(connectionString, 'simringusers', options);
    await table.createEntity({ partitionKey: 'p', rowKey: 'r', value: 1 });
    expect(await table.getEntity('p', 'r')).toMatchObject({ value: 1 });
    expect(await readdir('.')).toEqual(filesBefore);
  });

  it('rejects with the port in use and releases the others', async () => {
    const table = await occupyPort();
    const storage = new LocalStorage({ ports: { table }, inProcess });
    await expect(storage.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port: table });
    await storage.stop();
  });

  it('stops, and starts again empty', async () => {
    const storage = await startStorage({ inProcess });
    const { queueUri } = storage;
    await createQueuesAndTables(storage.connectionString, { queues: ['gone'], tables: [] });
    expect(await isListening(queueUri)).toBe(true);
    await storage.stop();
    expect(await isListening(queueUri)).toBe(false);
    await storage.start();
    const service = QueueServiceClient.fromConnectionString(storage.connectionString);
    expect(await service.getQueueClient('gone').exists()).toBe(false);
  });
});

describe('local storage', () => {
  it('leaves existing queues and tables unchanged when they are created again', async () => {
    const { connectionString } = await startStorage({});
    const names = { queues: ['one', 'two'], tables: ['three'] };
    await createQueuesAndTables(connectionString, names);
    await createQueuesAndTables(connectionString, names);
    const found: string[] = [];
    for await (const { name } of QueueServiceClient.fromConnectionString(connectionString).listQueues()) {
      found.push(name);
    }
    expect(found).toEqual(['one', 'two']);
  });

  it('has no address before the start', () => {
    expect(() => new LocalStorage().connectionString).toThrow('start it first');
  });

  it('accepts the tokens of a managed identity over https', async () => {
    const identity = new IdentityEndpoint();
    await identity.start();
    stops.push(() => identity.stop(), vi.unstubAllEnvs);
    for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value);
    const certificate = await makeCertificate();
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, certificate.cert]);
    stops.push(() => setDefaultCACertificates(trusted));
    const { queueUri, tableUri, blobUri } = await startStorage({ oauth: certificate });
    expect([queueUri, tableUri, blobUri].every((uri) => uri.startsWith('https://127.0.0.1:'))).toBe(true);
    const credential = new DefaultAzureCredential();
    const queue = new QueueServiceClient(queueUri, credential).getQueueClient('secured');
    await queue.create();
    expect(await queue.exists()).toBe(true);
    await expect(new TableClient(tableUri, 'secured', credential).createTable()).resolves.toBeUndefined();
    expect((await fetch(`${queueUri}/secured?comp=metadata`)).status).toBe(403);
  });

  it('ends with its parent process, even if that is killed', async () => {
    const script = `
      import { LocalStorage } from './azurite.ts';
      const storage = new LocalStorage();
      await storage.start();
      console.log(storage.queueUri);
      setInterval(() => {}, 60_000);`;
    const parent = spawn(
      process.execPath,
      ['--no-warnings', '--input-type=module-typescript', '-e', script],
      {
        cwd: storageFolder,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    stops.push(() => parent.kill('SIGKILL'));
    const [queueUri] = await once(createInterface(parent.stdout), 'line');
    expect(await isListening(queueUri)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitUntil(async () => !(await isListening(queueUri)), { timeout: 5000 });
  });

  it('does not keep its parent process from ending', async () => {
    const script = `
      import { LocalStorage } from './azurite.ts';
      await new LocalStorage().start();
      console.log('started');`;
    const parent = spawn(
      process.execPath,
      ['--no-warnings', '--input-type=module-typescript', '-e', script],
      {
        cwd: storageFolder,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    stops.push(() => parent.kill('SIGKILL'));
    expect(await once(parent, 'exit')).toEqual([0, null]);
  });
});
