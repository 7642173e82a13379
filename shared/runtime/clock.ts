/** The time, passed in to everything that waits or looks at it, so that tests can replace it. */
export interface Clock {
  /** Returns the milliseconds since 1970-01-01 UTC. */
  nowMs(): number;
  /** Resolves after `ms` milliseconds. Rejects with the signal's reason as soon as that aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Starts a timeout of `ms` milliseconds, which an abort of `parent` ends too. */
  timeout(ms: number, parent?: AbortSignal): Timeout;
}

export interface Timeout {
  /** Aborts when the time is over, or with the parent's reason when that aborts, unless the timeout was stopped before. */
  readonly signal: AbortSignal;
  stop(): void;
}

/** Every request has a timeout, so one with a parent is made without `AbortSignal.any`, which costs several times as much. */
function startTimeout(ms: number, parent?: AbortSignal): Timeout {
  if (parent?.aborted) return { signal: parent, stop: () => {} };
  const controller = new AbortController();
  const end = (reason: unknown) => {
    stop();
    controller.abort(reason);
  };
  const onParentAbort = () => end(parent?.reason);
  const timer = setTimeout(() => end(new DOMException('The timeout expired.', 'TimeoutError')), ms);
  parent?.addEventListener('abort', onParentAbort);
  const stop = () => {
    clearTimeout(timer);
    parent?.removeEventListener('abort', onParentAbort);
  };
  return { signal: controller.signal, stop };
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
  timeout: startTimeout,
};
