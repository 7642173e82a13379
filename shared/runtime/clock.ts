/** The time, passed in to everything that waits or looks at it, so that tests can replace it. */
export interface Clock {
  /** Returns the milliseconds since 1970-01-01 UTC. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as that aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Starts a timeout of `ms` milliseconds. */
  timeout(ms: number): Timeout;
}

export interface Timeout {
  /** Aborts when the time is over, unless the timeout was stopped before. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** The clock and timers of this machine. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  timeout: (ms) => {
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(new DOMException('The timeout expired.', 'TimeoutError')),
      ms,
    );
    return { signal: controller.signal, stop: () => clearTimeout(timer) };
  },
};
