import { AsyncResource } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Clock, Timeout } from '../../../shared/runtime/clock.ts';

interface Alarm {
  readonly atMs: number;
  ring(): void;
}

/**
 * A clock that stands still until a test moves it. With `skipsSleep` whoever sleeps moves it: a sleep is over at once,
 * and the time has passed.
 */
export class FakeClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  readonly #skipsSleep: boolean;
  #nowMs: number;

  constructor({ startMs = Date.parse('2026-11-23T09:00:00Z'), skipsSleep = false } = {}) {
    this.#nowMs = startMs;
    this.#skipsSleep = skipsSleep;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const alarm = this.#set(ms, resolve);
    const onAbort = () => {
      this.#alarms.delete(alarm);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (this.#skipsSleep) this.#passTo(alarm.atMs);
    await promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  timeout(ms: number): Timeout {
    const controller = new AbortController();
    const alarm = this.#set(ms, () =>
      controller.abort(new DOMException('The time is over.', 'TimeoutError')),
    );
    return { signal: controller.signal, stop: () => void this.#alarms.delete(alarm) };
  }

  /** Lets the time pass, and whoever it wakes have a turn before it passes on. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#passTo(next.atMs);
      await setImmediate();
    }
    this.#passTo(endMs);
  }

  /** Lets the time pass at once; whoever it wakes has a turn after that. */
  passTo(atMs: number): void {
    this.#passTo(atMs);
  }

  /** How many sleeps and timeouts are under way. */
  get waiting(): number {
    return this.#alarms.size;
  }

  #set(ms: number, ring: () => void): Alarm {
    // As a timer of Node does, it wakes in the context in which it was set.
    const alarm = { atMs: this.#nowMs + ms, ring: AsyncResource.bind(ring) };
    this.#alarms.add(alarm);
    return alarm;
  }

  #passTo(atMs: number): void {
    for (let next = this.#next(atMs); next !== undefined; next = this.#next(atMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#alarms.delete(next);
      next.ring();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  #next(endMs: number): Alarm | undefined {
    const due = [...this.#alarms].filter(({ atMs }) => atMs <= endMs);
    return due.sort((a, b) => a.atMs - b.atMs)[0];
  }
}
