import { setTimeout } from 'node:timers/promises';
import type { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  FunctionsHost,
  type FunctionsHostOptions,
} from '../../../../../infra/local/functions-host/functions-host.ts';
import { LogBook } from '../../../../support/infra/functions-host/captured-log.ts';
import { FakeClock } from '../../../../support/infra/functions-host/fake-clock.ts';
import { buildFixtureApp } from '../../../../support/infra/functions-host/fixture-app.ts';
import { CallDesk } from '../../../../support/infra/functions-host/fixture-calls.ts';
import {
  type QueueService,
  startQueueService,
  waitForCount,
} from '../../../../support/infra/functions-host/queue-service.ts';

let service: QueueService;
let desk: CallDesk;
let logBook: LogBook;
let queue: QueueClient;
let poison: QueueClient;
let host: FunctionsHost | undefined;
let queueNumber = 0;

beforeAll(async () => {
  service = await startQueueService();
});

afterAll(() => service.stop());

beforeEach(() => {
  desk = new CallDesk();
  logBook = new LogBook();
  const name = `take-${++queueNumber}`;
  queue = service.client.getQueueClient(name);
  poison = service.client.getQueueClient(`${name}-poison`);
});

afterEach(async () => {
  await host?.stop({ reason: 'interrupt' });
  host = undefined;
  desk.close();
});

async function startHost(queues: object = {}, options: Partial<FunctionsHostOptions> = {}): Promise<void> {
  const appDirectory = await buildFixtureApp({
    fixtures: ['queue'],
    hostJson: { extensions: { queues: { messageEncoding: 'none', ...queues } } },
  });
  host = new FunctionsHost({
    appDirectory,
    port: 0,
    environment: { BulkStorage: service.connectionString, TAKE_QUEUE: queue.name },
    log: logBook.write,
    pollingIntervalMs: 20,
    ...options,
  });
  await host.start();
}

async function textOfPoisoned(): Promise<string | undefined> {
  for (;;) {
    const peeked = await poison.peekMessages().catch(() => undefined);
    const [message] = peeked?.peekedMessageItems ?? [];
    if (message) return message.messageText;
    await setTimeout(10);
  }
}

test('hands a message over and deletes it when the function succeeded', async () => {
  await queue.create();
  await startHost();
  await queue.sendMessage('{"batch":"b1"}');
  const call = await desk.take('take');
  expect(call.input).toEqual({ batch: 'b1' });
  await waitForCount(queue, 1);
  call.succeed();
  await waitForCount(queue, 0);
  expect(
    await logBook.find(new RegExp(`Reason='New queue message detected on '${queue.name}'.'`)),
  ).toBeDefined();
  expect(await logBook.find(/^Trigger Details: MessageId: \S+, DequeueCount: 1, InsertedOn: /)).toBeDefined();
});

test.each<[string, unknown]>([
  ['{"a":[1]}', { a: [1] }],
  ['[1,2]', [1, 2]],
  ['123', 123],
  ['null', null],
  ['"quoted"', 'quoted'],
  ['plain <text> & more', 'plain <text> & more'],
  ['eyJhIjoxfQ==', 'eyJhIjoxfQ=='],
  ['  {"a": "ü"}\n', { a: 'ü' }],
])('gives the message %s as the library parses it', async (text, input) => {
  await queue.create();
  await startHost();
  await queue.sendMessage(text);
  const call = await desk.take('take');
  expect(call.input).toEqual(input);
  call.succeed();
});

test('decodes base64 where host.json says so, and poisons what is not base64 without a call', async () => {
  await queue.create();
  await startHost({ messageEncoding: 'base64' });
  await queue.sendMessage(Buffer.from('{"a":"ü"}').toString('base64'));
  const call = await desk.take('take');
  expect(call.input).toEqual({ a: 'ü' });
  call.succeed();
  await queue.sendMessage('{"a":1}');
  expect(await textOfPoisoned()).toBe('{"a":1}');
  expect(desk.waiting).toBe(0);
});

test('gives the metadata of the real host, with the top-level properties of the message mixed in', async () => {
  await queue.create();
  await startHost();
  const text = JSON.stringify({
    batch: 'b1',
    Part: 3,
    dryRun: true,
    nothing: null,
    entries: [1],
    more: { Deep: 1 },
    requestedAt: '2026-11-23T09:00:00Z',
    DEQUEUECOUNT: 7,
  });
  const { messageId } = await queue.sendMessage(text, { messageTimeToLive: -1 });
  const { metadata, succeed } = await desk.take('take');
  expect(metadata).toMatchObject({
    id: messageId,
    popReceipt: expect.any(String),
    queueTrigger: expect.objectContaining({ batch: 'b1', entries: [1] }),
    dequeueCount: 7,
    insertionTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/),
    nextVisibleTime: expect.stringMatching(/\+00:00$/),
    expirationTime: expect.stringMatching(/\+00:00$/),
    batch: 'b1',
    part: 3,
    dryRun: 'True',
    more: { deep: 1 },
    requestedAt: '11/23/2026 09:00:00',
  });
  expect(Object.keys(metadata)).not.toContain('entries');
  expect(Object.keys(metadata)).not.toContain('nothing');
  succeed();
});

test('makes a message visible again after a failure, counts it, and poisons it at the limit', async () => {
  await queue.create();
  await startHost({ maxDequeueCount: 2 });
  await queue.sendMessage('again & again');
  (await desk.take('take')).fail(new Error('first'));
  const second = await desk.take('take');
  expect(second.metadata).toMatchObject({ dequeueCount: 2 });
  second.fail(new Error('second'));
  expect(await textOfPoisoned()).toBe('again & again');
  await waitForCount(queue, 0);
  const [peeked] = (await poison.peekMessages()).peekedMessageItems;
  const lifeMs = (peeked?.expiresOn.getTime() ?? 0) - (peeked?.insertedOn.getTime() ?? 0);
  expect(lifeMs).toBe(7 * 24 * 60 * 60 * 1000);
});

test('keeps a failed message invisible for the visibility timeout', async () => {
  await queue.create();
  await startHost({ visibilityTimeout: '00:05:00' });
  await queue.sendMessage('later');
  (await desk.take('take')).fail(new Error('no'));
  await queue.sendMessage('next');
  const next = await desk.take('take');
  expect(next.input).toBe('next');
  next.succeed();
  await waitForCount(queue, 1);
});

test('poisons what was dequeued over the limit without a call', async () => {
  await queue.create();
  await queue.sendMessage('worn out');
  for (let count = 1; count <= 2; count++) {
    const [message] = (await queue.receiveMessages()).receivedMessageItems;
    await queue.updateMessage(message?.messageId ?? '', message?.popReceipt ?? '', undefined, 0);
  }
  await startHost({ maxDequeueCount: 2 });
  expect(await textOfPoisoned()).toBe('worn out');
  expect(desk.waiting).toBe(0);
});

test('leaves failed messages of a poison queue alone', async () => {
  queue = service.client.getQueueClient(`${queue.name}-poison`);
  await queue.create();
  await startHost({ maxDequeueCount: 1 });
  await queue.sendMessage('x');
  (await desk.take('take')).fail(new Error('no'));
  await logBook.find(/^Executed .*Failed/);
  await waitForCount(queue, 1);
});

test('waits for a queue that does not exist, and does not make it', async () => {
  await startHost();
  await logBook.find(/cannot be polled and will be tried again: QueueNotFound/);
  expect(await queue.exists()).toBe(false);
  await queue.create();
  await queue.sendMessage('now');
  (await desk.take('take')).succeed();
  await waitForCount(queue, 0);
});

test('logs trouble with the storage and polls on', async () => {
  await startHost({}, { environment: { BulkStorage: brokenStorage(), TAKE_QUEUE: queue.name } });
  await logBook.find(/cannot be polled and will be tried again: ECONNREFUSED/);
  const response = await fetch(`${host?.url}/api/nowhere`);
  expect(response.status).toBe(404);
});

function brokenStorage(): string {
  return service.connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
}

test('logs a queue without storage as an error and serves the rest', async () => {
  await startHost({}, { environment: { TAKE_QUEUE: queue.name } });
  const entry = await logBook.find(/The 'take' function is in error.*"BulkStorage__queueServiceUri"/);
  expect(entry.level).toBe('error');
});

test('never has more than batchSize and newBatchThreshold at work, and refills at the threshold', async () => {
  await queue.create();
  for (let index = 0; index < 8; index++) await queue.sendMessage(`m${index}`);
  await startHost({ batchSize: 3, newBatchThreshold: 1 });
  const first = [await desk.take('take'), await desk.take('take'), await desk.take('take')];
  first[0]?.succeed();
  await waitForCount(queue, 7);
  // Two are at work, one too many for a new batch.
  expect(desk.waiting).toBe(0);
  first[1]?.succeed();
  const second = [await desk.take('take'), await desk.take('take'), await desk.take('take')];
  expect(desk.waiting).toBe(0);
  for (const call of [first[2], ...second]) call?.succeed();
  for (let index = 6; index < 8; index++) (await desk.take('take')).succeed();
  await waitForCount(queue, 0);
});

test('renews the lease at half, and completes the message with the receipt of the renewal', async () => {
  const clock = new FakeClock();
  await queue.create();
  await queue.sendMessage('long');
  await startHost({}, { clock });
  const call = await desk.take('take');
  await clock.advance(299_000);
  expect(logBook.entries.some(({ message }) => message.includes('was renewed'))).toBe(false);
  await clock.advance(1000);
  await logBook.find(/The lease of message '\S+' was renewed for 600 s/);
  call.succeed();
  await waitForCount(queue, 0);
});

test('does not touch a message that someone else took over', async () => {
  const clock = new FakeClock();
  await queue.create();
  await queue.sendMessage('taken');
  await startHost({}, { clock, leaseSeconds: 1 });
  const call = await desk.take('take');
  await receiveAsAnother();
  await clock.advance(500);
  await logBook.find(/was not renewed: PopReceiptMismatch/);
  call.succeed();
  await logBook.find(/no longer ours to complete: PopReceiptMismatch/);
  await waitForCount(queue, 1);
});

async function receiveAsAnother(): Promise<void> {
  while ((await queue.receiveMessages()).receivedMessageItems.length === 0) await setTimeout(10);
}

test('polls an empty queue less and less often, up to the longest interval', async () => {
  const clock = new FakeClock();
  await queue.create();
  await startHost({ maxPollingInterval: '00:00:01' }, { clock, pollingIntervalMs: 60_000 });
  const delays: number[] = [];
  while (delays.at(-1) !== 1000) {
    while (!clock.delays.length) await setTimeout(1);
    const [delayMs = 0] = clock.delays;
    delays.push(delayMs);
    await clock.advance(delayMs);
  }
  expect(delays[0]).toBe(100);
  for (const [index, bounds] of [
    [180, 220],
    [260, 340],
    [420, 580],
    [740, 1000],
  ].entries()) {
    expect(delays[index + 1]).toBeGreaterThanOrEqual(bounds[0] ?? 0);
    expect(delays[index + 1]).toBeLessThanOrEqual(bounds[1] ?? 0);
  }
});

test('counts a run over functionTimeout as failed', async () => {
  const clock = new FakeClock();
  await queue.create();
  const appDirectory = await buildFixtureApp({
    fixtures: ['queue'],
    hostJson: { functionTimeout: '00:00:05', extensions: { queues: { messageEncoding: 'none' } } },
  });
  await startHost({}, { appDirectory, clock });
  await queue.sendMessage('slow');
  while (desk.waiting === 0) await clock.advance(20);
  const call = await desk.take('take');
  await clock.advance(5000);
  await logBook.find(/Failed.*Timeout value of 5000 ms was exceeded by function: Functions.take/);
  call.succeed();
  while (desk.waiting === 0) await clock.advance(20);
  const again = await desk.take('take');
  expect(again.metadata).toMatchObject({ dequeueCount: 2 });
  again.succeed();
});

test('runs a queue function by hand through the admin endpoint', async () => {
  await startHost();
  const url = `${host?.url}/admin/functions/take`;
  const accepted = await fetch(url, { method: 'POST', body: '{"input":"{\\"by\\":\\"hand\\"}"}' });
  expect([accepted.status, await accepted.text()]).toEqual([202, '']);
  const call = await desk.take('take');
  expect(call.input).toEqual({ by: 'hand' });
  expect(call.metadata).toMatchObject({ dequeueCount: 0 });
  call.succeed();
  expect((await fetch(url, { method: 'POST', body: 'no JSON' })).status).toBe(400);
});
