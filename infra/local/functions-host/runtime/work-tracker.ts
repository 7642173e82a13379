/** Tracks work in progress, so that a shutdown can wait for its end. */
export class WorkTracker {
  readonly #running = new Set<Promise<void>>();

  /** Tracks `work` until it settles; a rejection counts as an end too. */
  track(work: Promise<unknown>): void {
    const end: Promise<void> = work.then(
      () => this.#forget(end),
      () => this.#forget(end),
    );
    this.#running.add(end);
  }

  /** Resolves when no work is in progress, work that began in the meantime included. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Resolves when at most `count` pieces of work are in progress. */
  async atMost(count: number): Promise<void> {
    while (this.#running.size > count) await Promise.race(this.#running);
  }

  #forget(end: Promise<void>): void {
    this.#running.delete(end);
  }
}
