import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectStorage, type Storage } from '../../../../shared/azure/storage-clients.ts';
import { StorageUnavailableError } from '../../../../shared/ring/storage.ts';
import { sip } from '../../../support/ring/addresses.ts';

/** Takes every connection and says nothing. */
const sockets = new Set<Socket>();
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
});
let storage: Storage;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const place = `http://127.0.0.1:${port}/account`;
  const account = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=${btoa('key')}`;
  const connectionString = `${account};QueueEndpoint=${place};TableEndpoint=${place}`;
  storage = await connectStorage({ connectionString }, () => Promise.reject(new Error('No identity.')), 50);
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

describe('storage that takes connections and never answers', () => {
  it.each([
    ['a user', () => storage.users.read(sip('alice@contoso.com'))],
    ['a batch', () => storage.ledger.readBatch('hr')],
    ['a page', () => storage.ledger.readPage('hr', { limit: 1 })],
    ['a message', () => storage.queues.sendBulk('{}', 0)],
    ['the watch', () => storage.queues.look(0)],
  ])('is told as unavailable, and keeps nobody waiting: %s', async (_what, call) => {
    await expect(call()).rejects.toThrow(StorageUnavailableError);
    expect(sockets.size).toBeGreaterThan(0);
  });
});
