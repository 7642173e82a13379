import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { QueueFunction } from '../app/function-definition.ts';
import type { QueueSettings } from '../app/host-json.ts';
import type { Invoke } from '../app/invocation.ts';
import { type HostClock, settlesWithin } from '../runtime/clock.ts';
import type { LogLevel, LogSink } from '../runtime/log.ts';
import { WorkTracker } from '../runtime/work-tracker.ts';
import { MessageLease } from './message-lease.ts';
import type { PoisonQueue } from './poison-queue.ts';
import { PollDelay } from './poll-delay.ts';
import { decodeMessage, toTriggerMetadata } from './queue-trigger-data.ts';
import { receiveMessages } from './received-messages.ts';
import { describeStorageError, isMessageLost, isQueueMissing } from './storage-errors.ts';

export interface QueueListenerOptions {
  readonly definition: QueueFunction;
  readonly queue: QueueClient;
  /** Undefined for a queue that cannot have one; failed messages become visible again when their lease ends. */
  readonly poison: PoisonQueue | undefined;
  readonly settings: QueueSettings;
  readonly leaseSeconds: number;
  readonly pollingIntervalMs: number;
  readonly invoke: Invoke;
  readonly tracker: WorkTracker;
  readonly clock: HostClock;
  readonly log: LogSink;
}

/**
 * Passes the messages of a queue to a function as the real extension does
 * (https://github.com/Azure/azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common/src/Shared/Queues): up to
 * `batchSize` messages at a time, and more once at most `newBatchThreshold` are in progress. A storage error is logged and
 * retried; it never ends the polling.
 */
export class QueueListener {
  readonly #options: QueueListenerOptions;
  readonly #delay: PollDelay;
  readonly #stopped = new AbortController();
  readonly #running = new WorkTracker();
  readonly #leases = new Set<MessageLease>();
  #polling: Promise<void> = Promise.resolve();
  #abandoned = false;
  #foundMessage = false;

  constructor(options: QueueListenerOptions) {
    this.#options = options;
    const longestMs = Math.min(options.settings.maxPollingIntervalMs, options.pollingIntervalMs);
    this.#delay = new PollDelay(longestMs, Math.random);
  }

  start(): void {
    this.#polling = this.#poll();
    this.#options.tracker.track(this.#polling);
  }

  /** Resolves soon after `stop`, once the messages of a poll in progress have been released. */
  get polling(): Promise<void> {
    return this.#polling;
  }

  /** Receives no further message; those in progress continue. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Gives up the messages in progress: they are neither renewed nor completed, and become visible when their lease ends. */
  abandon(): void {
    this.#abandoned = true;
    for (const lease of this.#leases) void lease.end();
  }

  async #poll(): Promise<void> {
    const { settings, clock } = this.#options;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const messages = await this.#receive();
      if (signal.aborted) return this.#releaseAll(messages);
      for (const message of messages) {
        const work = this.#process(message);
        this.#running.track(work);
        this.#options.tracker.track(work);
      }
      if (messages.length > 0) {
        this.#foundMessage = true;
        await settlesWithin(this.#running.atMost(settings.newBatchThreshold), Infinity, clock, signal);
      } else {
        await this.#backOff();
      }
    }
  }

  async #receive(): Promise<readonly DequeuedMessageItem[]> {
    const { queue, settings, leaseSeconds } = this.#options;
    try {
      const options = { numberOfMessages: settings.batchSize, visibilityTimeout: leaseSeconds };
      return await receiveMessages(queue, options);
    } catch (error) {
      // A missing queue is not a problem: its first sender creates it.
      const level = isQueueMissing(error) ? 'debug' : 'warning';
      this.#log(
        level,
        `Queue '${queue.name}' cannot be polled, which will be retried: ${describeStorageError(error)}`,
      );
      return [];
    }
  }

  async #backOff(): Promise<void> {
    const delayMs = this.#delay.next(this.#foundMessage);
    this.#foundMessage = false;
    await this.#options.clock.sleep(delayMs, this.#stopped.signal).catch(() => {});
  }

  // The real extension aborts a poll when it stops, so that its messages stay invisible until their lease ends. Here that would
  // cost a developer ten minutes, so that they are made visible at once.
  async #releaseAll(messages: readonly DequeuedMessageItem[]): Promise<void> {
    const released = messages.map(({ messageId, popReceipt }) => this.#release(messageId, popReceipt, 0));
    await Promise.allSettled(released);
  }

  async #process(message: DequeuedMessageItem): Promise<void> {
    const { maxDequeueCount, messageEncoding } = this.#options.settings;
    try {
      const text = decodeMessage(message.messageText, messageEncoding);
      if (message.dequeueCount > maxDequeueCount) await this.#poison(message, message.popReceipt);
      else if (text === undefined) await this.#poison(message, message.popReceipt, 'is not base64');
      else await this.#call(message, text);
    } catch (error) {
      this.#log(
        'error',
        `Message '${message.messageId}' could not be completed: ${describeStorageError(error)}`,
      );
    }
  }

  async #call(message: DequeuedMessageItem, text: string): Promise<void> {
    const { settings } = this.#options;
    const lease = this.#lease(message);
    const outcome = await this.#invoke(message, text);
    this.#leases.delete(lease);
    const popReceipt = await lease.end();
    if (this.#abandoned) return;
    if (outcome.succeeded) return await this.#delete(message.messageId, popReceipt);
    if (!this.#options.poison) return;
    if (message.dequeueCount >= settings.maxDequeueCount) return await this.#poison(message, popReceipt);
    await this.#release(message.messageId, popReceipt, settings.visibilityTimeoutMs);
  }

  #invoke(message: DequeuedMessageItem, text: string) {
    const { definition, invoke, queue } = this.#options;
    const { messageId, dequeueCount, insertedOn } = message;
    return invoke(definition, {
      data: { string: text },
      triggerMetadata: toTriggerMetadata({ ...message, text }),
      reason: `New queue message detected on '${queue.name}'.`,
      details: `Trigger Details: MessageId: ${messageId}, DequeueCount: ${dequeueCount}, InsertedOn: ${insertedOn.toISOString()}`,
    });
  }

  #lease({ messageId, popReceipt }: DequeuedMessageItem): MessageLease {
    const { queue, leaseSeconds, clock } = this.#options;
    const log = (level: LogLevel, text: string) => this.#log(level, text);
    const lease = new MessageLease({ queue, messageId, popReceipt, leaseSeconds, clock, log });
    this.#leases.add(lease);
    return lease;
  }

  async #poison(message: DequeuedMessageItem, popReceipt: string, reason?: string): Promise<void> {
    const { poison, settings } = this.#options;
    if (!poison) return;
    const why = reason ?? `has reached MaxDequeueCount of ${settings.maxDequeueCount}`;
    this.#log('warning', `Message ${why}. Moving message to queue '${poison.name}'.`);
    await poison.add(message.messageText);
    await this.#delete(message.messageId, popReceipt);
  }

  async #delete(messageId: string, popReceipt: string): Promise<void> {
    await this.#unlessLost(this.#options.queue.deleteMessage(messageId, popReceipt));
  }

  async #release(messageId: string, popReceipt: string, visibilityMs: number): Promise<void> {
    const seconds = Math.floor(visibilityMs / 1000);
    await this.#unlessLost(this.#options.queue.updateMessage(messageId, popReceipt, undefined, seconds));
  }

  async #unlessLost(request: Promise<unknown>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (!isMessageLost(error)) throw error;
      this.#log('debug', `The message can no longer be completed: ${describeStorageError(error)}`);
    }
  }

  #log(level: LogLevel, message: string): void {
    const { definition, log } = this.#options;
    log({ level, category: 'Host.Queues', message, functionName: definition.name });
  }
}
