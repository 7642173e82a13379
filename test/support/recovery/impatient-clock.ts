import { type Clock, systemClock, type Timeout } from '../../../shared/runtime/clock.ts';

/**
 * A clock whose sleeps are over at once, while the time they take has passed. Timeouts take their own time, unless
 * they are ended: so a slow machine ends none too early.
 */
export class ImpatientClock implements Clock {
  readonly #timeouts = new Map<AbortController, number>();
  /** Every sleep, in milliseconds. */
  readonly waits: number[] = [];
  #nowMs: number;

  constructor(startMs = Date.parse('2026-11-23T09:00:00Z')) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(ms);
    this.pass(ms);
  }

  timeout(ms: number): Timeout {
    const controller = new AbortController();
    const timeout = systemClock.timeout(ms);
    const end = () => controller.abort(timeout.signal.reason);
    timeout.signal.addEventListener('abort', end, { once: true });
    this.#timeouts.set(controller, ms);
    const stop = () => {
      timeout.stop();
      this.#timeouts.delete(controller);
    };
    return { signal: controller.signal, stop };
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** Ends what may take no longer than so many milliseconds, as if they had passed. */
  endTimeouts(ms: number): void {
    for (const [controller, limitMs] of this.#timeouts) {
      if (limitMs <= ms) controller.abort(new DOMException('The time is over.', 'TimeoutError'));
    }
  }
}
