import type { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FunctionsHost, type StopReason } from '../../../../infra/local/functions-host/functions-host.ts';
import { LogBook } from '../../../support/infra/functions-host/captured-log.ts';
import { FakeClock } from '../../../support/infra/functions-host/fake-clock.ts';
import { buildFixtureApp } from '../../../support/infra/functions-host/fixture-app.ts';
import { CallDesk } from '../../../support/infra/functions-host/fixture-calls.ts';
import {
  type QueueService,
  startQueueService,
  waitForCount,
} from '../../../support/infra/functions-host/queue-service.ts';

let service: QueueService;
let desk: CallDesk;
let clock: FakeClock;
let queue: QueueClient;
let host: FunctionsHost;
let logBook: LogBook;
let queueNumber = 0;

beforeAll(async () => {
  service = await startQueueService();
});

afterAll(() => service.stop());

beforeEach(async () => {
  desk = new CallDesk();
  clock = new FakeClock();
  logBook = new LogBook();
  queue = service.client.getQueueClient(`stop-${++queueNumber}`);
  await queue.create();
  host = new FunctionsHost({
    appDirectory: await buildFixtureApp({
      fixtures: ['hooks', 'queue'],
      hostJson: { extensions: { queues: { messageEncoding: 'none' } } },
    }),
    port: 0,
    environment: { BulkStorage: service.connectionString, TAKE_QUEUE: queue.name },
    log: logBook.write,
    clock,
  });
  await host.start();
});

afterEach(() => desk.close());

async function takeMessage() {
  await queue.sendMessage('at work');
  while (desk.waiting === 0) await clock.advance(250);
  return desk.take('take');
}

/** Stops the host and tells whether that is over. */
function stop(reason: StopReason): { readonly ended: Promise<void>; readonly isOver: () => boolean } {
  let over = false;
  const ended = host.stop({ reason }).then(() => {
    over = true;
  });
  return { ended, isOver: () => over };
}

test('an interrupt goes to the terminate hooks at once, which know what the start hooks said', async () => {
  await takeMessage();
  const { ended } = stop('interrupt');
  const hook = await desk.take('appTerminate');
  expect(hook.input).toBe(true);
  hook.succeed();
  await ended;
  await waitForCount(queue, 1);
});

test('an interrupt is over after five seconds, whatever the hooks do', async () => {
  const { ended, isOver } = stop('interrupt');
  await desk.take('appTerminate');
  await clock.advance(4999);
  expect(isOver()).toBe(false);
  await clock.advance(1);
  await ended;
});

test('a hook that fails does not keep the host from its end', async () => {
  const { ended } = stop('interrupt');
  (await desk.take('appTerminate')).fail(new Error('no'));
  await ended;
});

test('a restart lets what runs finish without a sign, and then goes on at once', async () => {
  const call = await takeMessage();
  const { ended } = stop('restart');
  await clock.advance(9000);
  expect(desk.waiting).toBe(0);
  call.succeed();
  await waitForCount(queue, 0);
  (await desk.take('appTerminate')).succeed();
  await ended;
});

test('a restart goes to the hooks after ten seconds, and messages at work keep their lease', async () => {
  const call = await takeMessage();
  const { ended } = stop('restart');
  await clock.advance(9999);
  expect(desk.waiting).toBe(0);
  await clock.advance(1);
  const hook = await desk.take('appTerminate');
  call.succeed();
  hook.succeed();
  await ended;
  await waitForCount(queue, 1);
  expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
});

test('a restart takes no further message and no further request', async () => {
  const call = await takeMessage();
  const slow = fetch(`${host.url}/api/slow`);
  const slowCall = await desk.take('slow');
  stop('restart');
  await queue.sendMessage('too late');
  await clock.advance(5000);
  await expect(fetch(`${host.url}/api/logs`)).rejects.toThrow();
  slowCall.succeed('done');
  expect(await (await slow).text()).toBe('done');
  call.succeed();
  (await desk.take('appTerminate')).succeed();
  await waitForCount(queue, 1);
});

test('an interrupt hurries a restart', async () => {
  await takeMessage();
  const { ended } = stop('restart');
  void host.stop({ reason: 'interrupt' });
  (await desk.take('appTerminate')).succeed();
  await ended;
});

test('a drain waits for what runs, however long, and renews its lease', async () => {
  const call = await takeMessage();
  const { ended } = stop('drain');
  await clock.advance(5 * 60_000);
  await logBook.find(/The lease of message '\S+' was renewed/);
  await clock.advance(20 * 60_000);
  expect(desk.waiting).toBe(0);
  call.succeed();
  await waitForCount(queue, 0);
  (await desk.take('appTerminate')).succeed();
  await ended;
});
