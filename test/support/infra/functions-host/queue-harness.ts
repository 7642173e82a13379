import { setTimeout } from 'node:timers/promises';
import type { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import {
  FunctionsHost,
  type FunctionsHostOptions,
} from '../../../../infra/local/functions-host/functions-host.ts';
import { CapturedLog } from './captured-log.ts';
import { buildFixtureApp } from './fixture-app.ts';
import { FixtureCalls } from './fixture-calls.ts';
import { type QueueService, startQueueService } from './queue-service.ts';

let service: QueueService;
let prepared = 0;

beforeAll(async () => {
  service = await startQueueService();
});

afterAll(() => service.stop());

/** A queue, and a host that passes its messages to the function `take`. */
export interface QueueHarness {
  /** Does not exist until the test creates it. */
  readonly queue: QueueClient;
  readonly poison: QueueClient;
  /** The calls of `take`. */
  readonly calls: FixtureCalls;
  readonly log: CapturedLog;
  readonly connectionString: string;
  /** Starts a host with these settings of host.json for queues. It stops when the test ends. */
  startHost(queues?: object, options?: Partial<FunctionsHostOptions>): Promise<FunctionsHost>;
  /** Returns the text of the first message in the poison queue, and waits for one if necessary. */
  textOfPoisoned(): Promise<string>;
}

/** Names a queue for one test, in a queue service that the tests of a file share. */
export function prepareQueue(name = `take-${++prepared}`): QueueHarness {
  const { client, connectionString } = service;
  const poison = client.getQueueClient(`${name}-poison`);
  const calls = new FixtureCalls();
  const log = new CapturedLog();
  onTestFinished(() => calls.close());
  return {
    queue: client.getQueueClient(name),
    poison,
    calls,
    log,
    connectionString,
    startHost: (queues = {}, options = {}) => {
      const environment = { BulkStorage: connectionString, TAKE_QUEUE: name };
      return startHost(queues, { environment, log: log.write, ...options });
    },
    textOfPoisoned: () => textOfFirst(poison),
  };
}

async function startHost(
  queues: object,
  options: Partial<FunctionsHostOptions> & Pick<FunctionsHostOptions, 'environment' | 'log'>,
): Promise<FunctionsHost> {
  const appDirectory = await buildFixtureApp({
    fixtures: ['queue'],
    hostJson: { extensions: { queues: { messageEncoding: 'none', ...queues } } },
  });
  const host = new FunctionsHost({ appDirectory, port: 0, pollingIntervalMs: 20, ...options });
  onTestFinished(() => host.stop({ reason: 'interrupt' }));
  await host.start();
  return host;
}

async function textOfFirst(queue: QueueClient): Promise<string> {
  for (;;) {
    const peeked = await queue.peekMessages().catch(() => undefined);
    const [message] = peeked?.peekedMessageItems ?? [];
    if (message) return message.messageText;
    await setTimeout(10);
  }
}
