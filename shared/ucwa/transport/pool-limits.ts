import { LRUCache } from 'lru-cache';
import type { Clock, Timeout } from '../../runtime/clock.ts';
import { WaiterQueue } from '../../runtime/waiter-queue.ts';
import { RequestTimeoutError } from '../errors.ts';
import type { Priority, Send, UcwaRequest } from './transport.ts';

const maxPools = 1_000;

/** A token service may take long over one user's sign-in, which must not hold up the others': it has its slot so long. */
const tokenSlotMs = 1_000;

/** The limits of all pools, each learned from how its pool responds. Token requests have limits of their own. */
export class PoolLimits {
  readonly #max: number;
  readonly #limits = new LRUCache<string, PoolLimit>({ max: maxPools });

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns the limit that a request is subject to, which starts at the maximum. */
  of(request: Pick<UcwaRequest, 'url' | 'step'>): PoolLimit {
    const key = serviceOf(request);
    const known = this.#limits.get(key);
    if (known !== undefined) return known;
    const limit = new PoolLimit(this.#max);
    this.#limits.set(key, limit);
    return limit;
  }

  /**
   * Lowers the limit of an origin's token service to the origin's own: the same server refuses the requests of both. A
   * password that it refuses to judge is costly, since it may be sent three times in half an hour only.
   */
  lowerTokenLimit({ url }: Pick<UcwaRequest, 'url'>, limit: PoolLimit): void {
    this.#limits.get(serviceOf({ url, step: 'token' }))?.lowerTo(limit.limit);
  }
}

/** Returns a key for what serves a request: an origin, whose token service counts as another one. */
export function serviceOf({ url, step }: Pick<UcwaRequest, 'url' | 'step'>): string {
  return step === 'token' ? `token service of ${url.origin}` : url.origin;
}

/**
 * Limits the requests in progress at each origin. The limit halves when the origin returns 429 or 503 or does not respond
 * in time, and grows by one with every round of successes. Where a token request is slow, that concerns one user: it keeps
 * its slot for a second only, does not halve the limit, and never makes a caller wait.
 */
export function limitPools(send: Send, limits: PoolLimits, clock: Clock): Send {
  return async (request, exchange) => {
    exchange.onBegin?.(request);
    const isToken = request.step === 'token';
    if (isToken && exchange.priority === 'caller') return await send(request, exchange);
    const limit = limits.of(request);
    const slot = await limit.acquire(exchange.signal, exchange.priority);
    const held = new HeldSlot(limit, slot);
    const stopTimer = isToken ? held.releaseAfter(clock.timeout(tokenSlotMs)) : () => {};
    try {
      const response = await send(request, exchange);
      const isPushedBack = response.status === 429 || response.status === 503;
      held.release(isPushedBack ? 'pushed-back' : 'success');
      if (isPushedBack && !isToken) limits.lowerTokenLimit(request, limit);
      return response;
    } catch (error) {
      held.release(error instanceof RequestTimeoutError && !isToken ? 'pushed-back' : 'neither');
      throw error;
    } finally {
      stopTimer();
    }
  };
}

/** A slot that is released once. */
class HeldSlot {
  readonly #limit: PoolLimit;
  readonly #slot: Slot;
  #isHeld = true;

  constructor(limit: PoolLimit, slot: Slot) {
    this.#limit = limit;
    this.#slot = slot;
  }

  release(result: 'success' | 'pushed-back' | 'neither'): void {
    if (this.#isHeld) this.#limit.release(this.#slot, result);
    this.#isHeld = false;
  }

  /** Releases the slot when the time is over. Returns the function that stops the timer. */
  releaseAfter({ signal, stop }: Timeout): () => void {
    signal.addEventListener('abort', () => this.release('neither'), { once: true });
    return stop;
  }
}

/** The slot of one request, numbered in the order in which the slots of a pool are taken. */
type Slot = number;

/** The share of a pool's limit that batches keep while callers are served. */
const batchShare = 0.25;

/**
 * The number of requests that may be in progress at one pool. Once a caller comes, batches have a quarter of it: their work
 * takes turns with the caller's in the process and on the server, which made a caller wait several times as long. Their
 * share grows again by one with every round of their successes without a caller.
 */
export class PoolLimit {
  readonly #max: number;
  #limit: number;
  #batchLimit: number;
  #batchSuccesses = 0;
  readonly #callerSlots = new Set<Slot>();
  #inProgress = 0;
  #lastSlot: Slot = 0;
  #successes = 0;
  #cutAt: Slot = 0;
  readonly #callers = new WaiterQueue<Slot>();
  readonly #batch = new WaiterQueue<Slot>();

  constructor(max: number) {
    this.#max = max;
    this.#limit = max;
    this.#batchLimit = max;
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
    if (priority === 'caller') return await this.#acquireForCaller(signal);
    return this.#hasRoomForBatch ? this.#take() : await this.#batch.wait(signal);
  }

  async #acquireForCaller(signal: AbortSignal): Promise<Slot> {
    this.#batchLimit = Math.max(1, Math.floor(this.#limit * batchShare));
    this.#batchSuccesses = 0;
    return this.#hasRoom ? this.#takeForCaller() : await this.#callers.wait(signal);
  }

  /** Releases a slot. Only a request that started after the last cut of the limit can cut it again. */
  release(slot: Slot, result: 'success' | 'pushed-back' | 'neither'): void {
    this.#inProgress -= 1;
    const isCallers = this.#callerSlots.delete(slot);
    if (result === 'success' && !isCallers && this.#callerSlots.size === 0) this.#growBatchLimit();
    if (result === 'pushed-back' && slot > this.#cutAt) this.#cut();
    if (result === 'success') this.#grow();
    this.#serveWaiters();
  }

  /** Lowers the limit to at most `limit`. */
  lowerTo(limit: number): void {
    if (limit >= this.#limit) return;
    this.#limit = limit;
    this.#successes = 0;
  }

  #take(): Slot {
    this.#inProgress += 1;
    this.#lastSlot += 1;
    return this.#lastSlot;
  }

  #takeForCaller(): Slot {
    const slot = this.#take();
    this.#callerSlots.add(slot);
    return slot;
  }

  get #hasRoom(): boolean {
    return this.#inProgress < this.#limit;
  }

  get #hasRoomForBatch(): boolean {
    return this.#hasRoom && this.#inProgress - this.#callerSlots.size < this.#batchLimit;
  }

  #growBatchLimit(): void {
    this.#batchSuccesses += 1;
    if (this.#batchSuccesses < this.#batchLimit) return;
    this.#batchSuccesses = 0;
    this.#batchLimit = Math.min(this.#max, this.#batchLimit + 1);
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
    while (this.#hasRoom && this.#callers.serveNext(() => this.#takeForCaller()));
    while (this.#hasRoomForBatch && this.#batch.serveNext(() => this.#take()));
  }
}
