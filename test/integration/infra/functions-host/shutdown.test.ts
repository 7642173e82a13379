import type { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FunctionsHost, type StopReason } from '../../../../infra/local/functions-host/functions-host.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { CapturedLog } from '../../../support/infra/functions-host/captured-log.ts';
import { buildFixtureApp } from '../../../support/infra/functions-host/fixture-app.ts';
import { FixtureCalls } from '../../../support/infra/functions-host/fixture-calls.ts';
import {
  type QueueService,
  startQueueService,
  waitForCount,
} from '../../../support/infra/functions-host/queue-service.ts';

let service: QueueService;
let calls: FixtureCalls;
let clock: FakeClock;
let queue: QueueClient;
let host: FunctionsHost;
let log: CapturedLog;
let queueNumber = 0;

beforeAll(async () => {
  service = await startQueueService();
});

afterAll(() => service.stop());

beforeEach(async () => {
  calls = new FixtureCalls();
  clock = new FakeClock();
  log = new CapturedLog();
  queue = service.client.getQueueClient(`stop-${++queueNumber}`);
  await queue.create();
  host = new FunctionsHost({
    appDirectory: await buildFixtureApp({
      fixtures: ['hooks', 'queue'],
      hostJson: { extensions: { queues: { messageEncoding: 'none' } } },
    }),
    port: 0,
    environment: { BulkStorage: service.connectionString, TAKE_QUEUE: queue.name },
    log: log.write,
    clock,
  });
  await host.start();
});

afterEach(() => calls.close());

async function takeMessage() {
  await queue.sendMessage('in progress');
  while (calls.waiting === 0) await clock.advance(250);
  return calls.take('take');
}

/** Stops the host; `isOver` returns whether it has stopped. */
function stop(reason: StopReason): { readonly ended: Promise<void>; readonly isOver: () => boolean } {
  let over = false;
  const ended = host.stop({ reason }).then(() => {
    over = true;
  });
  return { ended, isOver: () => over };
}

test('an interrupt runs the terminate hooks at once, with the data of the start hooks', async () => {
  await takeMessage();
  const { ended } = stop('interrupt');
  const hook = await calls.take('appTerminate');
  expect(hook.input).toBe(true);
  hook.succeed();
  await ended;
  await waitForCount(queue, 1);
});

test('an interrupt ends after five seconds even if a hook does not', async () => {
  const { ended, isOver } = stop('interrupt');
  await calls.take('appTerminate');
  await clock.advance(4999);
  expect(isOver()).toBe(false);
  await clock.advance(1);
  await ended;
});

test('a failed hook does not keep the host from stopping', async () => {
  const { ended } = stop('interrupt');
  (await calls.take('appTerminate')).fail(new Error('no'));
  await ended;
});

test('a restart lets functions finish without notice, and continues as soon as they have', async () => {
  const call = await takeMessage();
  const { ended } = stop('restart');
  await clock.advance(9000);
  expect(calls.waiting).toBe(0);
  call.succeed();
  await waitForCount(queue, 0);
  (await calls.take('appTerminate')).succeed();
  await ended;
});

test('a restart runs the hooks after ten seconds, and messages in progress keep their lease', async () => {
  const call = await takeMessage();
  const { ended } = stop('restart');
  await clock.advance(9999);
  expect(calls.waiting).toBe(0);
  await clock.advance(1);
  const hook = await calls.take('appTerminate');
  call.succeed();
  hook.succeed();
  await ended;
  await waitForCount(queue, 1);
  expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
});

test('a restart accepts no further message and no further request', async () => {
  const call = await takeMessage();
  const slow = fetch(`${host.url}/api/slow`);
  const slowCall = await calls.take('slow');
  stop('restart');
  await queue.sendMessage('too late');
  await clock.advance(5000);
  await expect(fetch(`${host.url}/api/logs`)).rejects.toThrow();
  slowCall.succeed('done');
  expect(await (await slow).text()).toBe('done');
  call.succeed();
  (await calls.take('appTerminate')).succeed();
  await waitForCount(queue, 1);
});

test('an interrupt cuts a restart short', async () => {
  await takeMessage();
  const { ended } = stop('restart');
  void host.stop({ reason: 'interrupt' });
  (await calls.take('appTerminate')).succeed();
  await ended;
});

test('a drain waits for functions without limit, and renews their leases', async () => {
  const call = await takeMessage();
  const { ended } = stop('drain');
  await clock.advance(5 * 60_000);
  await log.find(/The lease of message '\S+' was renewed/);
  await clock.advance(20 * 60_000);
  expect(calls.waiting).toBe(0);
  call.succeed();
  await waitForCount(queue, 0);
  (await calls.take('appTerminate')).succeed();
  await ended;
});
