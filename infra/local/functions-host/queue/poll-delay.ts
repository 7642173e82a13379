const shortestMs = 100;

/**
 * How long to wait before a queue that gave no message is asked again: the real extension's exponential back-off, which
 * begins at 100 ms, doubles what it adds with a fifth of chance, and ends at the longest delay.
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

  /** `foundMessage` tells whether there was one since the last delay, which begins the back-off anew. */
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
