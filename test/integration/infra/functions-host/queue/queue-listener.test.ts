import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { prepareQueue } from '../../../../support/infra/functions-host/queue-harness.ts';
import { waitForCount } from '../../../../support/infra/functions-host/queue-service.ts';

test('passes a message to the function and deletes it after success', async () => {
  const { queue, calls, log, startHost } = prepareQueue();
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

test('waits for a missing queue without creating it', async () => {
  const { queue, calls, log, startHost } = prepareQueue();
  await startHost();
  await log.find(/cannot be polled, which will be retried: QueueNotFound/);
  expect(await queue.exists()).toBe(false);
  await queue.create();
  await queue.sendMessage('now');
  (await calls.take('take')).succeed();
  await waitForCount(queue, 0);
});

test('logs storage errors and continues to poll', async () => {
  const { queue, log, connectionString, startHost } = prepareQueue();
  const brokenStorage = connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
  const host = await startHost({}, { environment: { BulkStorage: brokenStorage, TAKE_QUEUE: queue.name } });
  await log.find(/cannot be polled, which will be retried: ECONNREFUSED/);
  const response = await fetch(`${host.url}/api/nowhere`);
  expect(response.status).toBe(404);
});

test('logs an error for a queue without storage and serves the other functions', async () => {
  const { queue, log, startHost } = prepareQueue();
  await startHost({}, { environment: { TAKE_QUEUE: queue.name } });
  const entry = await log.find(/The 'take' function is in error.*"BulkStorage__queueServiceUri"/);
  expect(entry.level).toBe('error');
});

test('never processes more than batchSize and newBatchThreshold, and refills at the threshold', async () => {
  const { queue, calls, startHost } = prepareQueue();
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

test('polls an empty queue at growing intervals, up to the longest', async () => {
  const { queue, startHost } = prepareQueue();
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
