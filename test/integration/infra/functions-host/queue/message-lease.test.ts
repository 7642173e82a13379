import { setTimeout } from 'node:timers/promises';
import type { QueueClient } from '@azure/storage-queue';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../../support/fake-clock.ts';
import { prepareQueue } from '../../../../support/infra/functions-host/queue-harness.ts';
import { waitForCount } from '../../../../support/infra/functions-host/queue-service.ts';

test('renews the lease after half of it, and completes the message with the renewed receipt', async () => {
  const { queue, calls, log, startHost } = prepareQueue();
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
  const { queue, calls, log, startHost } = prepareQueue();
  const clock = new FakeClock();
  await queue.create();
  await queue.sendMessage('taken');
  await startHost({}, { clock, leaseSeconds: 1 });
  const call = await calls.take('take');
  await receiveAsAnother(queue);
  await clock.advance(500);
  await log.find(/was not renewed: PopReceiptMismatch/);
  call.succeed();
  await log.find(/can no longer be completed: PopReceiptMismatch/);
  await waitForCount(queue, 1);
});

async function receiveAsAnother(queue: QueueClient): Promise<void> {
  while ((await queue.receiveMessages()).receivedMessageItems.length === 0) await setTimeout(10);
}
