import type { PeekedMessageItem, QueueClient } from '@azure/storage-queue';
import { hiddenUntilMs } from '../../ring/batch/message/due.ts';
import type { Queues } from '../../ring/ports/queues.ts';
import { queueNames } from './names.ts';
import { storageCall } from './storage-call.ts';

/** Messages that we send never expire. */
const messageTimeToLive = -1;

/** Storage hides a message for seven days at most. */
const longestDelaySeconds = 7 * 24 * 3600;

/** What waits in the queues. The counts are approximate. */
export interface QueueLook {
  /** Messages in the bulk queue, hidden ones included. */
  readonly waiting: number;
  /** The id of the first visible message; empty if no message is visible. */
  readonly oldestId: string;
  /** The age of that message; 0 if no message is visible. */
  readonly oldestSeconds: number;
  /** Messages in the poison queue, put there by us or by the host. */
  readonly poisoned: number;
}

type QueueClients = Readonly<Record<keyof typeof queueNames, QueueClient>>;

/** Storage queues. Messages that we send are base64; a poisoned one stays as it came. */
export class StorageQueues implements Queues {
  readonly #queues: QueueClients;
  readonly #limitMs: number;

  /** `limitMs` bounds each call: the client has no limit of its own, and a lost connection may stay silent. */
  constructor(queues: QueueClients, limitMs: number) {
    this.#queues = queues;
    this.#limitMs = limitMs;
  }

  async sendBulk(text: string, delayMs: number): Promise<void> {
    const visibilityTimeout = Math.min(longestDelaySeconds, Math.ceil(delayMs / 1000));
    await this.#send('send a bulk message', 'bulk', encode(text), visibilityTimeout);
  }

  async sendPoison(text: string): Promise<void> {
    await this.#send('send a message to the poison queue', 'poison', text);
  }

  async sendResults(text: string): Promise<void> {
    await this.#send('send a summary', 'results', encode(text));
  }

  /** Returns what waits, and takes no message. Throws StorageUnavailableError. */
  async look(nowMs: number): Promise<QueueLook> {
    const { bulk, poison } = this.#queues;
    const abortSignal = AbortSignal.timeout(this.#limitMs);
    return await storageCall('count what waits in the queues', async () => {
      const [waiting, poisoned, { peekedMessageItems }] = await Promise.all([
        bulk.getProperties({ abortSignal }),
        poison.getProperties({ abortSignal }),
        bulk.peekMessages({ abortSignal }),
      ]);
      const [oldest] = peekedMessageItems;
      const ageMs = oldest === undefined ? 0 : Math.max(0, nowMs - visibleSinceMs(oldest));
      return {
        waiting: waiting.approximateMessagesCount ?? 0,
        oldestId: oldest?.messageId ?? '',
        oldestSeconds: Math.floor(ageMs / 1000),
        poisoned: poisoned.approximateMessagesCount ?? 0,
      };
    });
  }

  /** Resolves if one of the queues responds. Throws StorageUnavailableError. */
  async probe(name: keyof QueueClients, abortSignal: AbortSignal): Promise<void> {
    await storageCall(`read from the queue ${queueNames[name]}`, () =>
      this.#queues[name].getProperties({ abortSignal }),
    );
  }

  async #send(action: string, name: keyof QueueClients, text: string, visibilityTimeout = 0) {
    const abortSignal = AbortSignal.timeout(this.#limitMs);
    await storageCall(action, () =>
      this.#queues[name].sendMessage(text, { messageTimeToLive, visibilityTimeout, abortSignal }),
    );
  }
}

/** A message that was hidden until its time is old from then on. */
function visibleSinceMs({ insertedOn, messageText }: PeekedMessageItem): number {
  return Math.max(insertedOn.getTime(), hiddenUntilMs(messageText) ?? 0);
}

/** The size of the largest message that storage takes, in bytes. */
const messageMaxBytes = 64 * 1024;

/** Base64, as the host's own senders do. What came as plain JSON may be too big for that, and is sent as it came. */
function encode(text: string): string {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  return encoded.length <= messageMaxBytes ? encoded : text;
}
