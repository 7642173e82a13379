import { WaiterQueue } from './waiter-queue.ts';

/** Slots for work that goes on at once. */
export interface Slots {
  /**
   * Waits for a free slot and returns the function that releases it. Rejects with the signal's reason if that aborts
   * first.
   */
  acquire(signal?: AbortSignal): Promise<() => void>;
  /** True if the next caller has to wait. */
  readonly isFull: boolean;
}

/** Slots without a limit, for callers that must not wait behind a batch. */
export const unlimitedSlots: Slots = {
  isFull: false,
  acquire: async (signal) => {
    signal?.throwIfAborted();
    return () => {};
  },
};

/** A fixed number of slots, given to waiting callers in the order of their arrival. */
export class Semaphore implements Slots {
  #free: number;
  readonly #waiters = new WaiterQueue<void>();

  constructor(limit: number) {
    this.#free = limit;
  }

  get isFull(): boolean {
    return this.#free === 0;
  }

  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#waiters.wait(signal);
    return () => this.#release();
  }

  /** A released slot passes straight to the next waiter and is never free in between. */
  #release(): void {
    const hasPassedOn = this.#waiters.serveNext(() => {});
    if (!hasPassedOn) this.#free += 1;
  }
}
