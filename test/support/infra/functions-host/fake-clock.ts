import { setImmediate } from 'node:timers/promises';
import type { HostClock } from '../../../../infra/local/functions-host/functions-host.ts';

interface Sleeper {
  readonly wakesAt: number;
  wake(): void;
}

/** A clock that only a test advances. */
export class FakeClock implements HostClock {
  readonly #sleepers = new Set<Sleeper>();
  #now: number;

  constructor(start = '2026-11-23T09:00:00.000Z') {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  sleep(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { wakesAt: this.#now + delayMs, wake: resolve };
      const abort = () => {
        this.#sleepers.delete(sleeper);
        reject(new Error('The sleep was aborted.'));
      };
      if (signal.aborted) abort();
      else this.#sleepers.add(sleeper);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** The remaining delays of all sleeps, the shortest first. */
  get delays(): readonly number[] {
    return Array.from(this.#sleepers, ({ wakesAt }) => wakesAt - this.#now).sort((a, b) => a - b);
  }

  /** Advances the time. After each sleep that ends, pending callbacks and I/O get a turn. */
  async advance(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = next.wakesAt;
      this.#sleepers.delete(next);
      next.wake();
      await setImmediate();
    }
    this.#now = end;
    await setImmediate();
  }

  #next(end: number): Sleeper | undefined {
    const due = Array.from(this.#sleepers).filter(({ wakesAt }) => wakesAt <= end);
    return due.sort((a, b) => a.wakesAt - b.wakesAt)[0];
  }
}
