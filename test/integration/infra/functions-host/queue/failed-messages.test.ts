import { expect, test } from 'vitest';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { buildFixtureApp } from '../../../../support/infra/functions-host/fixture-app.ts';
import { prepareQueue } from '../../../../support/infra/functions-host/queue-harness.ts';
import { waitForCount } from '../../../../support/infra/functions-host/queue-service.ts';

test('makes a failed message visible again, counts it, and poisons it at the limit', async () => {
  const { queue, poison, calls, textOfPoisoned, startHost } = prepareQueue();
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
  const { queue, calls, startHost } = prepareQueue();
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
  const { queue, calls, textOfPoisoned, startHost } = prepareQueue();
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
  const { queue, calls, log, startHost } = prepareQueue('own-poison');
  await queue.create();
  await startHost({ maxDequeueCount: 1 });
  await queue.sendMessage('x');
  (await calls.take('take')).fail(new Error('no'));
  await log.find(/^Executed .*Failed/);
  await waitForCount(queue, 1);
});

test('counts a run longer than functionTimeout as failed', async () => {
  const { queue, calls, log, startHost } = prepareQueue();
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
