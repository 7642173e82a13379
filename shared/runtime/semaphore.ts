/** Where work waits until there is room for it. */
export interface Slots {
  /** Waits for a place, and answers with what gives it back. Rejects with the signal's reason when that is aborted first. */
  acquire(signal?: AbortSignal): Promise<() => void>;
  /** Whether whoever comes now has to wait. */
  readonly isFull: boolean;
}

/** Room for everybody: a caller who waits does not queue behind a batch. */
export const unlimitedSlots: Slots = {
  isFull: false,
  acquire: async (signal) => {
    signal?.throwIfAborted();
    return () => {};
  },
};

/** Lets at most so many pieces of work go on at once; the rest wait in their order. */
export class Semaphore implements Slots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#free = limit;
  }

  get isFull(): boolean {
    return this.#free === 0;
  }

  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
    return () => this.#leave();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => {
        this.#waiting.delete(go);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#waiting.add(go);
    });
  }

  /** The place goes to the next who waits, so that nobody who comes just then can take it. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
