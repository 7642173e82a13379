import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { isQueueMissing } from './storage-errors.ts';

const suffix = '-poison';
const longestName = 63;

/** The queue for messages that failed too often; it is created with the first of them. */
export class PoisonQueue {
  readonly #queue: QueueClient;

  constructor(queue: QueueClient) {
    this.#queue = queue;
  }

  get name(): string {
    return this.#queue.name;
  }

  /** Adds a message unchanged. As in the real extension it has the service's default time to live, seven days. */
  async add(messageText: string): Promise<void> {
    try {
      await this.#queue.sendMessage(messageText);
    } catch (error) {
      if (!isQueueMissing(error)) throw error;
      await this.#queue.createIfNotExists();
      await this.#queue.sendMessage(messageText);
    }
  }
}

/** Returns the poison queue of a queue; undefined for a poison queue, and for a name too long to take the suffix. */
export function poisonQueueOf(service: QueueServiceClient, queueName: string): PoisonQueue | undefined {
  const name = `${queueName}${suffix}`;
  if (queueName.endsWith(suffix) || name.length > longestName) return undefined;
  return new PoisonQueue(service.getQueueClient(name));
}
