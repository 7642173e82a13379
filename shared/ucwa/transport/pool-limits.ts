import { LRUCache } from 'lru-cache';
import { RequestTimeoutError } from '../errors.ts';
import type { Send } from './transport.ts';

const poolsAtMost = 1_000;

/** The limits of all pools, each learnt from what the pool bears. */
export class PoolLimits {
  readonly #most: number;
  readonly #limits = new LRUCache<string, PoolLimit>({ max: poolsAtMost });

  constructor(most: number) {
    this.#most = most;
  }

  of(origin: string): PoolLimit {
    const known = this.#limits.get(origin);
    if (known !== undefined) return known;
    const limit = new PoolLimit(this.#most);
    this.#limits.set(origin, limit);
    return limit;
  }
}

/**
 * Lets at most so many requests at once go to one origin, and learns how many it bears: the limit halves when the
 * origin answers 429 or 503 or times out, and grows by one with every round of successes.
 */
export function limitPools(send: Send, limits: PoolLimits): Send {
  return async (request, exchange) => {
    const limit = limits.of(request.url.origin);
    const place = await limit.enter(exchange.signal);
    try {
      const answer = await send(request, exchange);
      limit.leave(place, answer.status === 429 || answer.status === 503 ? 'pushed-back' : 'success');
      return answer;
    } catch (error) {
      limit.leave(place, error instanceof RequestTimeoutError ? 'pushed-back' : 'neither');
      throw error;
    }
  };
}

/** When a request began, in the order of all requests to its pool. */
type Place = number;

/** How many requests one pool bears at once. */
export class PoolLimit {
  readonly #most: number;
  #limit: number;
  #atWork = 0;
  #begun: Place = 0;
  #successes = 0;
  #cutAt: Place = 0;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Waits for a place, each in turn. Rejects with the signal's reason when that is aborted first. */
  async enter(signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted();
    return this.#atWork < this.#limit ? this.#begin() : await this.#wait(signal);
  }

  /** Gives a place back. Of requests that were at work when the limit was cut, none cuts it again. */
  leave(place: Place, result: 'success' | 'pushed-back' | 'neither'): void {
    this.#atWork -= 1;
    if (result === 'pushed-back' && place > this.#cutAt) this.#cut();
    if (result === 'success') this.#grow();
    this.#letIn();
  }

  #begin(): Place {
    this.#atWork += 1;
    this.#begun += 1;
    return this.#begun;
  }

  #cut(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#cutAt = this.#begun;
    this.#successes = 0;
  }

  #grow(): void {
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit = Math.min(this.#most, this.#limit + 1);
  }

  #wait(signal: AbortSignal): Promise<Place> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve(this.#begin());
      };
      const stop = () => {
        this.#waiting.delete(go);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.add(go);
    });
  }

  /** A place counts as taken as soon as it is given, so that nobody who comes just then can take it. */
  #letIn(): void {
    for (const go of this.#waiting) {
      if (this.#atWork >= this.#limit) return;
      this.#waiting.delete(go);
      go();
    }
  }
}
