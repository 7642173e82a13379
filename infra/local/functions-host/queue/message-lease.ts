import type { QueueClient } from '@azure/storage-queue';
import type { HostClock } from '../runtime/clock.ts';
import type { LogLevel } from '../runtime/log.ts';
import { describeStorageError, isMessageLost } from './storage-errors.ts';

export interface LeaseOptions {
  readonly queue: QueueClient;
  readonly messageId: string;
  readonly popReceipt: string;
  readonly leaseSeconds: number;
  readonly clock: HostClock;
  readonly log: (level: LogLevel, message: string) => void;
}

const shortestDelayMs = 60_000;

/**
 * Keeps a message invisible while its function runs, as the real extension does: renews the lease after half of its time. After
 * a failure the delay is halved, but to no less than a minute.
 */
export class MessageLease {
  readonly #options: LeaseOptions;
  readonly #ended = new AbortController();
  readonly #renewals: Promise<void>;
  #popReceipt: string;

  /** The lease begins with the receipt of the message. */
  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#popReceipt = options.popReceipt;
    this.#renewals = this.#renewUntilEnded();
  }

  /** Stops renewing and returns the latest pop receipt, with which the message can be completed. */
  async end(): Promise<string> {
    this.#ended.abort();
    await this.#renewals;
    return this.#popReceipt;
  }

  async #renewUntilEnded(): Promise<void> {
    const { clock, leaseSeconds } = this.#options;
    const normalDelayMs = (leaseSeconds * 1000) / 2;
    let delayMs = normalDelayMs;
    while (await slept(clock, delayMs, this.#ended.signal)) {
      const renewed = await this.#renew();
      if (renewed === 'lost') return;
      delayMs = renewed ? normalDelayMs : Math.max(delayMs / 2, Math.min(shortestDelayMs, normalDelayMs));
    }
  }

  async #renew(): Promise<boolean | 'lost'> {
    const { queue, messageId, leaseSeconds, log } = this.#options;
    try {
      const { popReceipt } = await queue.updateMessage(messageId, this.#popReceipt, undefined, leaseSeconds);
      this.#popReceipt = popReceipt ?? this.#popReceipt;
      log('debug', `The lease of message '${messageId}' was renewed for ${leaseSeconds} s.`);
      return true;
    } catch (error) {
      log('warning', `The lease of message '${messageId}' was not renewed: ${describeStorageError(error)}`);
      return isMessageLost(error) ? 'lost' : false;
    }
  }
}

async function slept(clock: HostClock, delayMs: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(delayMs, signal).then(
    () => !signal.aborted,
    () => false,
  );
}
