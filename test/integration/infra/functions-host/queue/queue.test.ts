import { setTimeout } from 'node:timers/promises';
import type { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  FunctionsHost,
  type FunctionsHostOptions,
} from '../../../../../infra/local/functions-host/functions-host.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { CapturedLog } from '../../../../support/infra/functions-host/captured-log.ts';
import { buildFixtureApp } from '../../../../support/infra/functions-host/fixture-app.ts';
import { FixtureCalls } from '../../../../support/infra/functions-host/fixture-calls.ts';
import {
  type QueueService,
  startQueueService,
  waitForCount,
} from '../../../../support/infra/functions-host/queue-service.ts';

let service: QueueService;
let calls: FixtureCalls;
let log: CapturedLog;
let queue: QueueClient;
let poison: QueueClient;
let host: FunctionsHost | undefined;
let queueNumber = 0;

beforeAll(async () => {
  service = await startQueueService();
});

afterAll(() => service.stop());

beforeEach(() => {
  calls = new FixtureCalls();
  log = new CapturedLog();
  const name = `take-${++queueNumber}`;
  queue = service.client.getQueueClient(name);
  poison = service.client.getQueueClient(`${name}-poison`);
});

afterEach(async () => {
  await host?.stop({ reason: 'interrupt' });
  host = undefined;
  calls.close();
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
    log: log.write,
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

test('passes a message to the function and deletes it after success', async () => {
  await queue.create();
  await startHost();
  await queue.sendMessage('{"batch":"b1"}');
  const call = await calls.take('take');
  expect(call.input).toEqual({ batch: 'b1' });
  await waitForCount(queue, 1);
  call.succeed();
  await waitForCount(queue, 0);
  expect(await log.find(new RegExp(`Reason='New queue message detected on '${queue.name}'.'`))).toBeDefined();
  expect(await log.find(/^Trigger Details: MessageId: \S+, DequeueCount: 1, InsertedOn: /)).toBeDefined();
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
])('passes the message %s as the library parses it', async (text, input) => {
  await queue.create();
  await startHost();
  await queue.sendMessage(text);
  const call = await calls.take('take');
  expect(call.input).toEqual(input);
  call.succeed();
});

test('decodes base64 when host.json asks for it, and poisons other messages without a call', async () => {
  await queue.create();
  await startHost({ messageEncoding: 'base64' });
  await queue.sendMessage(Buffer.from('{"a":"ü"}').toString('base64'));
  const call = await calls.take('take');
  expect(call.input).toEqual({ a: 'ü' });
  call.succeed();
  await queue.sendMessage('{"a":1}');
  expect(await textOfPoisoned()).toBe('{"a":1}');
  expect(calls.waiting).toBe(0);
});

test('passes the metadata of the real host, overridden by top-level properties of the message', async () => {
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
  const { metadata, succeed } = await calls.take('take');
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

test('makes a failed message visible again, counts it, and poisons it at the limit', async () => {
  await queue.create();
  await startHost({ maxDequeueCount: 2 });
  await queue.sendMessage('again & again');
  (await calls.take('take')).fail(new Error('first'));
  const second = await calls.take('take');
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
  (await calls.take('take')).fail(new Error('no'));
  await queue.sendMessage('next');
  const next = await calls.take('take');
  expect(next.input).toBe('next');
  next.succeed();
  await waitForCount(queue, 1);
});

test('poisons a message over the dequeue limit without a call', async () => {
  await queue.create();
  await queue.sendMessage('worn out');
  for (let count = 1; count <= 2; count++) {
    const [message] = (await queue.receiveMessages()).receivedMessageItems;
    await queue.updateMessage(message?.messageId ?? '', message?.popReceipt ?? '', undefined, 0);
  }
  await startHost({ maxDequeueCount: 2 });
  expect(await textOfPoisoned()).toBe('worn out');
  expect(calls.waiting).toBe(0);
});

test('keeps failed messages of a poison queue in it', async () => {
  queue = service.client.getQueueClient(`${queue.name}-poison`);
  await queue.create();
  await startHost({ maxDequeueCount: 1 });
  await queue.sendMessage('x');
  (await calls.take('take')).fail(new Error('no'));
  await log.find(/^Executed .*Failed/);
  await waitForCount(queue, 1);
});

test('waits for a missing queue without creating it', async () => {
  await startHost();
  await log.find(/cannot be polled, which will be retried: QueueNotFound/);
  expect(await queue.exists()).toBe(false);
  await queue.create();
  await queue.sendMessage('now');
  (await calls.take('take')).succeed();
  await waitForCount(queue, 0);
});

test('logs storage errors and continues to poll', async () => {
  await startHost({}, { environment: { BulkStorage: brokenStorage(), TAKE_QUEUE: queue.name } });
  await log.find(/cannot be polled, which will be retried: ECONNREFUSED/);
  const response = await fetch(`${host?.url}/api/nowhere`);
  expect(response.status).toBe(404);
});

function brokenStorage(): string {
  return service.connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
}

test('logs an error for a queue without storage and serves the other functions', async () => {
  await startHost({}, { environment: { TAKE_QUEUE: queue.name } });
  const entry = await log.find(/The 'take' function is in error.*"BulkStorage__queueServiceUri"/);
  expect(entry.level).toBe('error');
});

test('never processes more than batchSize and newBatchThreshold, and refills at the threshold', async () => {
  await queue.create();
  for (let index = 0; index < 8; index++) await queue.sendMessage(`m${index}`);
  await startHost({ batchSize: 3, newBatchThreshold: 1 });
  const first = [await calls.take('take'), await calls.take('take'), await calls.take('take')];
  first[0]?.succeed();
  await waitForCount(queue, 7);
  // Two are in progress, one too many for a new batch.
  expect(calls.waiting).toBe(0);
  first[1]?.succeed();
  const second = [await calls.take('take'), await calls.take('take'), await calls.take('take')];
  expect(calls.waiting).toBe(0);
  for (const call of [first[2], ...second]) call?.succeed();
  for (let index = 6; index < 8; index++) (await calls.take('take')).succeed();
  await waitForCount(queue, 0);
});

test('renews the lease after half of it, and completes the message with the renewed receipt', async () => {
  const clock = new FakeClock();
  await queue.create();
  await queue.sendMessage('long');
  await startHost({}, { clock });
  const call = await calls.take('take');
  await clock.advance(299_000);
  expect(log.entries.some(({ message }) => message.includes('was renewed'))).toBe(false);
  await clock.advance(1000);
  await log.find(/The lease of message '\S+' was renewed for 600 s/);
  call.succeed();
  await waitForCount(queue, 0);
});

test('leaves a message alone that another receiver took over', async () => {
  const clock = new FakeClock();
  await queue.create();
  await queue.sendMessage('taken');
  await startHost({}, { clock, leaseSeconds: 1 });
  const call = await calls.take('take');
  await receiveAsAnother();
  await clock.advance(500);
  await log.find(/was not renewed: PopReceiptMismatch/);
  call.succeed();
  await log.find(/can no longer be completed: PopReceiptMismatch/);
  await waitForCount(queue, 1);
});

async function receiveAsAnother(): Promise<void> {
  while ((await queue.receiveMessages()).receivedMessageItems.length === 0) await setTimeout(10);
}

test('polls an empty queue at growing intervals, up to the longest', async () => {
  const clock = new FakeClock();
  await queue.create();
  await startHost({ maxPollingInterval: '00:00:01' }, { clock, pollingIntervalMs: 60_000 });
  const delays: number[] = [];
  while (delays.at(-1) !== 1000) {
    while (!clock.delaysMs.length) await setTimeout(1);
    const [delayMs = 0] = clock.delaysMs;
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

test('counts a run longer than functionTimeout as failed', async () => {
  const clock = new FakeClock();
  await queue.create();
  const appDirectory = await buildFixtureApp({
    fixtures: ['queue'],
    hostJson: { functionTimeout: '00:00:05', extensions: { queues: { messageEncoding: 'none' } } },
  });
  await startHost({}, { appDirectory, clock });
  await queue.sendMessage('slow');
  while (calls.waiting === 0) await clock.advance(20);
  const call = await calls.take('take');
  await clock.advance(5000);
  await log.find(/Failed.*Timeout value of 5000 ms was exceeded by function: Functions.take/);
  call.succeed();
  while (calls.waiting === 0) await clock.advance(20);
  const again = await calls.take('take');
  expect(again.metadata).toMatchObject({ dequeueCount: 2 });
  again.succeed();
});
