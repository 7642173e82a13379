/** Weight of the latest response in the moving average of their lateness. */
const weight = 0.05;

/**
 * Delays responses so that their average delay is the latency asked for, their own making included. Timers fire about a
 * millisecond late, and a response takes time to make, which would turn 20 ms into 21: each timer is set earlier by the average
 * lateness of the responses before it.
 */
export class Latency {
  #latenessMs = 0;

  wait(ms: number, then: () => void): void {
    const startedAt = performance.now();
    const targetMs = Math.max(0, ms - this.#latenessMs);
    // Timers take whole milliseconds: rounding at random keeps the average.
    const setMs = Math.floor(targetMs + Math.random());
    setTimeout(() => {
      then();
      const lateMs = performance.now() - startedAt - setMs;
      this.#latenessMs += weight * (lateMs - this.#latenessMs);
    }, setMs);
  }
}
