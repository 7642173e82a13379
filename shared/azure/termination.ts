import type { Clock } from '../runtime/clock.ts';

/** Azure gives the terminate hook five seconds. */
const stopWithinMs = 4_000;

/** Knows the work of one instance, and ends it when the platform terminates the instance. */
export class InstanceTermination {
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Aborted when the instance is about to stop: begin nothing from then on. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Awaits work that {@link stopWork} must wait for. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /**
   * Lets running work end: attempts stop, claims without a write under way are released, outcomes are written. Resolves
   * when all work has ended, or after four seconds.
   */
  async stopWork(): Promise<void> {
    this.#stop.abort(new Error('This instance is about to stop.'));
    const limit = this.#clock.timeout(stopWithinMs);
    const over = new Promise((resolve) => limit.signal.addEventListener('abort', resolve));
    await Promise.race([Promise.allSettled(this.#running), over]);
    limit.stop();
  }
}
