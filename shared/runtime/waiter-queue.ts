/** Waiters that are served one at a time in the order in which they arrived, each with a value of type `T`. */
export class WaiterQueue<T> {
  readonly #waiting = new Set<(value: T) => void>();

  /** Joins the queue. Resolves when served; leaves the queue and rejects with the signal's reason if that aborts first. */
  wait(signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const serve = (value: T) => {
        signal?.removeEventListener('abort', leave);
        resolve(value);
      };
      const leave = () => {
        this.#waiting.delete(serve);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.add(serve);
    });
  }

  /**
   * Serves the first waiter with the value that `take` returns. Returns false, without calling `take`, if nobody waits.
   * `take` runs before this returns, so a newcomer cannot get the slot before the waiter resumes.
   */
  serveNext(take: () => T): boolean {
    const [serve] = this.#waiting;
    if (serve === undefined) return false;
    this.#waiting.delete(serve);
    serve(take());
    return true;
  }
}
