import type { QueueClient } from '@azure/storage-queue';
import type { Queues } from '../../ring/ports/queues.ts';
import { storageCall } from './storage-call.ts';

/** What we send never expires by itself. */
const messageTimeToLive = -1;

/** The longest that storage hides a message: seven days. */
const longestDelaySeconds = 7 * 24 * 3600;

/** What waits in the queues. */
export interface QueueLook {
  /** Messages in the bulk queue, hidden ones too, about. */
  readonly waiting: number;
  /** The message at the head of those that can be taken: its id and its age; empty and 0 where there is none. */
  readonly oldestId: string;
  readonly oldestSeconds: number;
  /** Messages that were set aside, by us or by the host, about. */
  readonly poisoned: number;
}

/** Storage queues. What we send is base64; what goes to poison stays as it came. */
export class StorageQueues implements Queues {
  readonly #queues: Readonly<Record<'bulk' | 'poison' | 'results', QueueClient>>;
  readonly #limitMs: number;

  /** Each call waits no longer than `limitMs`: the client itself has no limit, and a connection may be lost without a word. */
  constructor(queues: Readonly<Record<'bulk' | 'poison' | 'results', QueueClient>>, limitMs: number) {
    this.#queues = queues;
    this.#limitMs = limitMs;
  }

  async sendBulk(text: string, delayMs: number): Promise<void> {
    const visibilityTimeout = Math.min(longestDelaySeconds, Math.ceil(delayMs / 1000));
    await this.#send('send a bulk message', 'bulk', toSend(text), visibilityTimeout);
  }

  async sendPoison(text: string): Promise<void> {
    await this.#send('set a message aside', 'poison', text);
  }

  async sendResults(text: string): Promise<void> {
    await this.#send('send a summary', 'results', toSend(text));
  }

  /** Looks at what waits, and takes nothing. Throws StorageUnavailableError. */
  async look(nowMs: number): Promise<QueueLook> {
    const { bulk, poison } = this.#queues;
    const abortSignal = AbortSignal.timeout(this.#limitMs);
    return await storageCall('tell what waits in its queues', async () => {
      const [waiting, poisoned, { peekedMessageItems }] = await Promise.all([
        bulk.getProperties({ abortSignal }),
        poison.getProperties({ abortSignal }),
        bulk.peekMessages({ abortSignal }),
      ]);
      const [oldest] = peekedMessageItems;
      const ageMs = oldest === undefined ? 0 : Math.max(0, nowMs - oldest.insertedOn.getTime());
      return {
        waiting: waiting.approximateMessagesCount ?? 0,
        oldestId: oldest?.messageId ?? '',
        oldestSeconds: Math.floor(ageMs / 1000),
        poisoned: poisoned.approximateMessagesCount ?? 0,
      };
    });
  }

  /** Asks for the queue's properties: tells that queues answer. Throws StorageUnavailableError. */
  async probe(abortSignal: AbortSignal): Promise<void> {
    await storageCall('answer for its queues', () => this.#queues.bulk.getProperties({ abortSignal }));
  }

  async #send(what: string, name: 'bulk' | 'poison' | 'results', text: string, visibilityTimeout = 0) {
    const abortSignal = AbortSignal.timeout(this.#limitMs);
    await storageCall(what, () =>
      this.#queues[name].sendMessage(text, { messageTimeToLive, visibilityTimeout, abortSignal }),
    );
  }
}

/** What storage takes as one message, in bytes. */
const messageMostBytes = 64 * 1024;

/** Base64, as the host's own senders do; what came as plain JSON may be too big for that, and goes as it came. */
function toSend(text: string): string {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  return encoded.length <= messageMostBytes ? encoded : text;
}
