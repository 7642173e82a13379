import { LRUCache } from 'lru-cache';
import { WaiterQueue } from '../../runtime/waiter-queue.ts';
import { RequestTimeoutError } from '../errors.ts';
import type { Priority, Send } from './transport.ts';

const maxPools = 1_000;

/** The limits of all pools, each learned from how its pool responds. */
export class PoolLimits {
  readonly #max: number;
  readonly #limits = new LRUCache<string, PoolLimit>({ max: maxPools });

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns the limit of one origin, which starts at the maximum. */
  of(origin: string): PoolLimit {
    const known = this.#limits.get(origin);
    if (known !== undefined) return known;
    const limit = new PoolLimit(this.#max);
    this.#limits.set(origin, limit);
    return limit;
  }
}

/**
 * Limits the requests in progress at each origin. The limit halves when the origin returns 429 or 503 or does not respond
 * in time, and grows by one with every round of successes.
 */
export function limitPools(send: Send, limits: PoolLimits): Send {
  return async (request, exchange) => {
    const limit = limits.of(request.url.origin);
    const slot = await limit.acquire(exchange.signal, exchange.priority);
    try {
      const response = await send(request, exchange);
      limit.release(slot, response.status === 429 || response.status === 503 ? 'pushed-back' : 'success');
      return response;
    } catch (error) {
      limit.release(slot, error instanceof RequestTimeoutError ? 'pushed-back' : 'neither');
      throw error;
    }
  };
}

/** The slot of one request, numbered in the order in which the slots of a pool are taken. */
type Slot = number;

/** The number of requests that may be in progress at one pool. */
export class PoolLimit {
  readonly #max: number;
  #limit: number;
  #inProgress = 0;
  #lastSlot: Slot = 0;
  #successes = 0;
  #cutAt: Slot = 0;
  readonly #callers = new WaiterQueue<Slot>();
  readonly #batch = new WaiterQueue<Slot>();

  constructor(max: number) {
    this.#max = max;
    this.#limit = max;
  }

  get limit(): number {
    return this.#limit;
  }

  /**
   * Waits for a slot: callers before batches, and both in order of arrival. A batch gets a slot when no caller waits, so
   * callers alone could hold it up for as long as they keep the pool busy. Rejects with the signal's reason if that aborts
   * first.
   */
  async acquire(signal: AbortSignal, priority: Priority = 'batch'): Promise<Slot> {
    signal.throwIfAborted();
    if (this.#inProgress < this.#limit) return this.#take();
    return await (priority === 'caller' ? this.#callers : this.#batch).wait(signal);
  }

  /** Releases a slot. Only a request that started after the last cut of the limit can cut it again. */
  release(slot: Slot, result: 'success' | 'pushed-back' | 'neither'): void {
    this.#inProgress -= 1;
    if (result === 'pushed-back' && slot > this.#cutAt) this.#cut();
    if (result === 'success') this.#grow();
    this.#serveWaiters();
  }

  #take(): Slot {
    this.#inProgress += 1;
    this.#lastSlot += 1;
    return this.#lastSlot;
  }

  #cut(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#cutAt = this.#lastSlot;
    this.#successes = 0;
  }

  #grow(): void {
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit = Math.min(this.#max, this.#limit + 1);
  }

  #serveWaiters(): void {
    const take = () => this.#take();
    let hasServed = true;
    while (hasServed && this.#inProgress < this.#limit) {
      hasServed = this.#callers.serveNext(take) || this.#batch.serveNext(take);
    }
  }
}
