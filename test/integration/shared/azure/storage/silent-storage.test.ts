import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectStorage, type Storage } from '../../../../../shared/azure/storage/storage-clients.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';
import { sip } from '../../../../support/ring/addresses.ts';

/** A server that takes every connection, and then is silent or stops in the middle of a response. */
const sockets = new Set<Socket>();
let firstBytes = '';
const server = createServer((socket) => {
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('data', () => socket.write(firstBytes));
});
let storage: Storage;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}/account`;
  const account = `DefaultEndpointsProtocol=http;AccountName=account;AccountKey=${btoa('key')}`;
  const connectionString = `${account};QueueEndpoint=${endpoint};TableEndpoint=${endpoint}`;
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
  ['is silent', ''],
  ['stops in the middle of its response', halfBody],
])('storage that takes connections and %s', (_how, first) => {
  it.each<[string, () => Promise<unknown>]>([
    ['a user', () => storage.users.read(sip('alice@contoso.com'))],
    ['a batch', () => storage.ledger.readBatch('hr')],
    ['a page', () => storage.ledger.readPage('hr', { limit: 1 })],
    ['a transaction', () => storage.ledger.insertEntries({ batch: 'hr', part: 0 }, [entry])],
    ['a message', () => storage.queues.sendBulk('{}', 0)],
    ['a look at the queues', () => storage.queues.look(0)],
  ])('is reported as unavailable in time: %s', async (_what, call) => {
    firstBytes = first;
    await expect(call()).rejects.toThrow(StorageUnavailableError);
    expect(sockets.size).toBeGreaterThan(0);
  });
});
