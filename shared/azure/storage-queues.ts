import type { QueueClient } from '@azure/storage-queue';
import type { Queues } from '../ring/queues.ts';
import { storageCall } from './storage-call.ts';

/** What we send never expires by itself. */
const messageTimeToLive = -1;

/** The longest that storage hides a message: seven days. */
const longestDelaySeconds = 7 * 24 * 3600;

/** Storage queues. What we send is base64; what goes to poison stays as it came. */
export class StorageQueues implements Queues {
  readonly #queues: Readonly<Record<'bulk' | 'poison' | 'results', QueueClient>>;

  constructor(queues: Readonly<Record<'bulk' | 'poison' | 'results', QueueClient>>) {
    this.#queues = queues;
  }

  async sendBulk(text: string, delayMs: number): Promise<void> {
    const visibilityTimeout = Math.min(longestDelaySeconds, Math.ceil(delayMs / 1000));
    await storageCall('send a bulk message', () =>
      this.#queues.bulk.sendMessage(toBase64(text), { messageTimeToLive, visibilityTimeout }),
    );
  }

  async sendPoison(text: string): Promise<void> {
    await storageCall('set a message aside', () =>
      this.#queues.poison.sendMessage(text, { messageTimeToLive }),
    );
  }

  async sendResults(text: string): Promise<void> {
    await storageCall('send a summary', () =>
      this.#queues.results.sendMessage(toBase64(text), { messageTimeToLive }),
    );
  }

  /** Asks for the queue's properties: tells that queues answer. Throws StorageUnavailableError. */
  async probe(abortSignal: AbortSignal): Promise<void> {
    await storageCall('answer for its queues', () => this.#queues.bulk.getProperties({ abortSignal }));
  }
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
