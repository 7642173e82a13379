import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { isQueueMissing } from './storage-errors.ts';

const suffix = '-poison';
const longestName = 63;

/** Where messages go that failed too often; it is made when the first one comes. */
export class PoisonQueue {
  readonly #queue: QueueClient;

  constructor(queue: QueueClient) {
    this.#queue = queue;
  }

  get name(): string {
    return this.#queue.name;
  }

  /** Adds a message as it is. No time to live is said, as in the real extension: the service's own holds, seven days. */
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

/** The poison queue of a queue; a poison queue itself, or one with too long a name for another, has none. */
export function poisonQueueOf(service: QueueServiceClient, queueName: string): PoisonQueue | undefined {
  const name = `${queueName}${suffix}`;
  if (queueName.endsWith(suffix) || name.length > longestName) return undefined;
  return new PoisonQueue(service.getQueueClient(name));
}
