import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStorage } from '../../../../../infra/local/storage/azurite.ts';
import { createQueuesAndTables } from '../../../../../infra/local/storage/queues-and-tables.ts';
import { StorageQueues } from '../../../../../shared/azure/storage/storage-queues.ts';
import { messageLimitBytes } from '../../../../../shared/ring/batch/message/split.ts';
import { StorageUnavailableError } from '../../../../../shared/ring/ports/storage-error.ts';

const storage = new LocalStorage();
const names = ['bulk', 'poison', 'results'] as const;
const limitMs = 30_000;
let service: QueueServiceClient;
let queues: StorageQueues;

function queuesOf(client: QueueServiceClient): StorageQueues {
  const [bulk, poison, results] = names.map((name) => client.getQueueClient(name));
  if (bulk === undefined || poison === undefined || results === undefined)
    throw new Error('There are three names.');
  return new StorageQueues({ bulk, poison, results }, limitMs);
}

beforeAll(async () => {
  await storage.start();
  await createQueuesAndTables(storage.connectionString, { queues: names, tables: [] });
  service = QueueServiceClient.fromConnectionString(storage.connectionString);
  queues = queuesOf(service);
});
afterAll(() => storage.stop());

async function receive(name: (typeof names)[number]) {
  const { receivedMessageItems } = await service
    .getQueueClient(name)
    .receiveMessages({ numberOfMessages: 32 });
  for (const { messageId, popReceipt } of receivedMessageItems) {
    await service.getQueueClient(name).deleteMessage(messageId, popReceipt);
  }
  return receivedMessageItems;
}

function decode(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString('utf8');
}

/** The expiry that storage gives a message that never expires. */
const never = new Date('9999-12-31T00:00:00Z').getTime();

describe('a message', () => {
  it('is sent to the bulk queue as plain JSON if base64 of it would be too big', async () => {
    const text = JSON.stringify({ ref: 'x'.repeat(messageLimitBytes) });
    await queues.sendBulk(text, 0);
    expect((await receive('bulk')).map(({ messageText }) => messageText)).toEqual([text]);
  });

  it('in the bulk queue is base64, is visible at once without a delay and never expires', async () => {
    const text = JSON.stringify({ ref: '漢字 😀 <&>' });
    await queues.sendBulk(text, 0);
    const [message, ...others] = await receive('bulk');
    expect(others).toEqual([]);
    expect(message?.messageText).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(decode(message?.messageText)).toBe(text);
    expect(message?.expiresOn.getTime()).toBeGreaterThanOrEqual(never);
  });

  it.each([
    ['a millisecond', 1, 1],
    ['half a minute', 30_000, 30],
    ['two hours and a bit', 7_200_001, 7_201],
    ['longer than storage can hide it', 30 * 24 * 3_600_000, 7 * 24 * 3_600],
  ])('stays hidden for %s', async (_how, delayMs, seconds) => {
    const queue = service.getQueueClient(`delayed-${seconds}`);
    await queue.create();
    const delayed = new StorageQueues({ bulk: queue, poison: queue, results: queue }, limitMs);
    await delayed.sendBulk('later', delayMs);
    expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  });

  it('of 48 KiB of JSON just fits as base64, and one over 64 KiB is refused in any form', async () => {
    await queues.sendBulk('x'.repeat(messageLimitBytes), 0);
    const [message] = await receive('bulk');
    expect(decode(message?.messageText)).toHaveLength(messageLimitBytes);
    await expect(queues.sendBulk('x'.repeat(64 * 1024 + 1), 0)).rejects.toMatchObject({
      name: 'StorageRefusedError',
      message: expect.stringMatching(/^Storage refused to send a bulk message \(4\d\d \w+\)\.$/),
    });
  });

  it.each(['{"schema":"other"}', 'aGVsbG8=', 'no JSON <&> 漢字 😀', '123', ' '])(
    'in the poison queue stays as it came: %j',
    async (text) => {
      await queues.sendPoison(text);
      const [message] = await receive('poison');
      expect(message?.messageText).toBe(text);
      expect(message?.expiresOn.getTime()).toBeGreaterThanOrEqual(never);
    },
  );

  it('in the results queue is base64 and never expires', async () => {
    await queues.sendResults('{"schema":"simring/results/1"}');
    const [message] = await receive('results');
    expect(decode(message?.messageText)).toBe('{"schema":"simring/results/1"}');
    expect(message?.expiresOn.getTime()).toBeGreaterThanOrEqual(never);
  });
});

describe('a failure of queues', () => {
  const { signal } = new AbortController();

  it('is reported if a queue does not exist', async () => {
    const absent = service.getQueueClient('nosuchqueue');
    const missing = new StorageQueues({ bulk: absent, poison: absent, results: absent }, limitMs);
    for (const call of [
      () => missing.sendBulk('x', 0),
      () => missing.sendPoison('x'),
      () => missing.sendResults('x'),
      () => missing.probe('results', signal),
    ]) {
      await expect(call()).rejects.toMatchObject({
        name: 'StorageUnavailableError',
        message: expect.stringContaining('404 QueueNotFound'),
      });
    }
    await expect(queues.probe('bulk', signal)).resolves.toBeUndefined();
  });

  it('is reported if nothing listens any more', async () => {
    await storage.stop();
    const options = { retryOptions: { maxTries: 1 } };
    const unreachable = queuesOf(QueueServiceClient.fromConnectionString(storage.connectionString, options));
    for (const call of [
      () => unreachable.sendBulk('x', 0),
      () => unreachable.sendPoison('x'),
      () => unreachable.sendResults('x'),
      () => unreachable.probe('poison', signal),
    ]) {
      await expect(call()).rejects.toThrow(StorageUnavailableError);
    }
    await expect(unreachable.sendBulk('x', 0)).rejects.toThrow('no response ECONNREFUSED');
  });
});
