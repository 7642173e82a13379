import type { QueueClient } from '@azure/storage-queue';
import type { Queues } from '../../../shared/ring/ports/queues.ts';

/** When a message was sent and may be seen, by a clock that is not that of the queue, and how often it was delivered. */
export interface MessageTimes {
  readonly enqueuedAtMs: number;
  readonly visibleAtMs: number;
  readonly dequeueCount: number;
}

export interface TimedMessage extends MessageTimes {
  readonly text: string;
}

/**
 * A queue of storage without its delays: each message can be received at once, and comes with the times that a clock of
 * the test gave it.
 */
export class FastQueue implements Queues {
  readonly #queue: QueueClient;
  readonly #queues: Queues;
  readonly #nowMs: () => number;
  readonly #times = new Map<string, MessageTimes>();
  #received: readonly TimedMessage[] = [];

  /** `queues` sends what is to be sent, and `queue` receives bulk messages. */
  constructor(queues: Queues, queue: QueueClient, nowMs: () => number) {
    this.#queues = queues;
    this.#queue = queue;
    this.#nowMs = nowMs;
  }

  /** Puts a message into the queue, as it is. */
  async put({ text, ...times }: TimedMessage): Promise<void> {
    this.#times.set(contentOf(text), times);
    await this.#queue.sendMessage(text);
  }

  async sendBulk(text: string, delayMs: number): Promise<void> {
    const enqueuedAtMs = this.#nowMs();
    this.#times.set(text, { enqueuedAtMs, visibleAtMs: enqueuedAtMs + delayMs, dequeueCount: 0 });
    await this.#queues.sendBulk(text, 0);
  }

  sendPoison(text: string): Promise<void> {
    return this.#queues.sendPoison(text);
  }

  sendResults(text: string): Promise<void> {
    return this.#queues.sendResults(text);
  }

  /** Takes the message that is visible first; undefined if there is none. */
  async take(): Promise<TimedMessage | undefined> {
    this.#received = [...this.#received, ...(await this.#receiveAll())];
    const [next, ...others] = this.#received.toSorted((a, b) => a.visibleAtMs - b.visibleAtMs);
    this.#received = others;
    return next;
  }

  async #receiveAll(): Promise<readonly TimedMessage[]> {
    const received = await receiveAll(this.#queue);
    return received.map((text) => {
      const times = this.#times.get(contentOf(text));
      if (times === undefined) throw new Error('This queue holds a message that was not sent through it.');
      return { text, ...times };
    });
  }
}

/** Receives and deletes all messages of a queue. */
export async function receiveAll(queue: QueueClient): Promise<readonly string[]> {
  const texts: string[] = [];
  for (;;) {
    const { receivedMessageItems: messages } = await queue.receiveMessages({ numberOfMessages: 32 });
    if (messages.length === 0) return texts;
    for (const { messageId, popReceipt, messageText } of messages) {
      await queue.deleteMessage(messageId, popReceipt);
      texts.push(messageText);
    }
  }
}

/** What a message says, whether it was sent as JSON or as base64 of it. */
function contentOf(text: string): string {
  return text.startsWith('{') ? text : Buffer.from(text, 'base64').toString('utf8');
}
