/** How much of what the latest timer tells goes into what is known of lateness. */
const weight = 0.05;

/**
 * Lets answers wait so long on average as was asked for. A timer fires late, by a millisecond or so, which would make a
 * latency of 20 ms one of 21: what timers were late so far, the next are set earlier.
 */
export class Latency {
  #latenessMs = 0;

  wait(ms: number, then: () => void): void {
    const begun = performance.now();
    const wishedMs = Math.max(0, ms - this.#latenessMs);
    const setMs = Math.floor(wishedMs + Math.random());
    setTimeout(() => {
      const lateMs = performance.now() - begun - setMs;
      this.#latenessMs += weight * (lateMs - this.#latenessMs);
      then();
    }, setMs);
  }
}
