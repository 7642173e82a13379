const shortestMs = 100;

/**
 * The delays between polls of an empty queue: the real extension's exponential back-off, which begins at 100 ms and doubles its
 * increments, each jittered by a fifth, up to the longest delay.
 */
export class PollDelay {
  readonly #longestMs: number;
  readonly #random: () => number;
  #currentMs = 0;
  #exponent = 0;

  constructor(longestMs: number, random: () => number) {
    this.#longestMs = longestMs;
    this.#random = random;
  }

  /** Returns the next delay; `foundMessage`, a message since the last delay, restarts the back-off. */
  next(foundMessage: boolean): number {
    if (foundMessage) {
      this.#currentMs = Math.min(shortestMs, this.#longestMs);
      this.#exponent = 1;
    } else if (this.#currentMs < this.#longestMs) {
      this.#currentMs = Math.min(shortestMs + this.#increment(), this.#longestMs);
      this.#exponent++;
    }
    return this.#currentMs;
  }

  #increment(): number {
    if (this.#exponent === 0) return 0;
    return (0.8 + 0.4 * this.#random()) * 2 ** (this.#exponent - 1) * shortestMs;
  }
}
