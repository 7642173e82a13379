/** Counts what is under way, so that a shutdown can wait for its end. */
export class WorkTracker {
  readonly #running = new Set<Promise<void>>();

  /** Follows `work` until it settles; a rejection counts as an end like any other. */
  track(work: Promise<unknown>): void {
    const end: Promise<void> = work.then(
      () => this.#forget(end),
      () => this.#forget(end),
    );
    this.#running.add(end);
  }

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  /** Resolves when nothing is under way, what began in the meantime included. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Resolves when at most `count` are under way. */
  async atMost(count: number): Promise<void> {
    while (this.#running.size > count) await Promise.race(this.#running);
  }

  #forget(end: Promise<void>): void {
    this.#running.delete(end);
  }
}
