import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectStorage, type Storage } from '../../../../../shared/azure/storage/storage-clients.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { sip } from '../../../../support/ring/addresses.ts';

/** Takes every connection, and says nothing, or stops in the middle of a body. */
const sockets = new Set<Socket>();
let saysFirst = '';
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('data', () => socket.write(saysFirst));
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

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});

afterAll(() => void server.close());

const halfBody = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
const entry = { entry: 0, user: 'sip:alice@contoso.com', generation: 0, digest: 'd' };

describe.each([
  ['never answers', ''],
  ['stops in the middle of its answer', halfBody],
])('storage that takes connections and %s', (_how, first) => {
  it.each<[string, () => Promise<unknown>]>([
    ['a user', () => storage.users.read(sip('alice@contoso.com'))],
    ['a batch', () => storage.ledger.readBatch('hr')],
    ['a page', () => storage.ledger.readPage('hr', { limit: 1 })],
    ['a transaction', () => storage.ledger.insertEntries({ batch: 'hr', part: 0 }, [entry])],
    ['a message', () => storage.queues.sendBulk('{}', 0)],
    ['the watch', () => storage.queues.look(0)],
  ])('is told as unavailable, and keeps nobody waiting: %s', async (_what, call) => {
    saysFirst = first;
    await expect(call()).rejects.toThrow(StorageUnavailableError);
    expect(sockets.size).toBeGreaterThan(0);
  });
});
