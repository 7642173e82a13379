import { AsyncResource } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import type { HostClock } from '../../infra/local/functions-host/functions-host.ts';
import { type Clock, systemClock, type Timeout } from '../../shared/runtime/clock.ts';

export interface FakeClockOptions {
  readonly startMs?: number;
  /** Every sleep ends at once, and its time has passed. Without it a sleep lasts until a test moves the clock. */
  readonly skipsSleeps?: boolean;
  /** Timeouts run in real time, so that moving the clock expires none of them. `expireTimeouts` still does. */
  readonly realTimeouts?: boolean;
  /** Called when a sleep has begun. */
  readonly onSleep?: () => void;
}

interface Alarm {
  readonly atMs: number;
  ring(): void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock, HostClock {
  /** The duration of every sleep that has begun. */
  readonly sleepsMs: number[] = [];
  readonly #options: FakeClockOptions;
  readonly #alarms = new Set<Alarm>();
  /** The running timeouts with their durations in milliseconds. */
  readonly #timeouts = new Map<AbortController, number>();
  #nowMs: number;

  constructor(options: FakeClockOptions = {}) {
    this.#options = options;
    this.#nowMs = options.startMs ?? Date.parse('2026-11-23T09:00:00Z');
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleepsMs.push(ms);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const alarm = this.#setAlarm(ms, resolve);
    const onAbort = () => {
      this.#alarms.delete(alarm);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#options.onSleep?.();
    if (this.#options.skipsSleeps) this.passTo(alarm.atMs);
    await promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }

  timeout(ms: number, parent?: AbortSignal): Timeout {
    const controller = new AbortController();
    const onParentAbort = () => controller.abort(parent?.reason);
    if (parent?.aborted) onParentAbort();
    parent?.addEventListener('abort', onParentAbort, { once: true });
    const expire = () => this.#expire(controller);
    const cancel = this.#options.realTimeouts ? startRealTimeout(ms, expire) : this.#startTimeout(ms, expire);
    this.#timeouts.set(controller, ms);
    const stop = () => {
      cancel();
      parent?.removeEventListener('abort', onParentAbort);
      this.#timeouts.delete(controller);
    };
    return { signal: controller.signal, stop };
  }

  /** The remaining milliseconds of the sleeps and fake timeouts, the shortest first. */
  get delaysMs(): readonly number[] {
    return Array.from(this.#alarms, ({ atMs }) => atMs - this.#nowMs).sort((a, b) => a - b);
  }

  /** Moves the clock alarm by alarm. After each, the code that it wakes and pending input and output have a turn. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (let next = this.#nextAlarm(endMs); next !== undefined; next = this.#nextAlarm(endMs)) {
      this.passTo(next.atMs);
      await setImmediate();
    }
    this.passTo(endMs);
    await setImmediate();
  }

  /** Moves the clock at once. The code that it wakes runs afterwards. */
  pass(ms: number): void {
    this.passTo(this.#nowMs + ms);
  }

  /** Moves the clock at once to `atMs`, unless that is past. The code that it wakes runs afterwards. */
  passTo(atMs: number): void {
    for (let next = this.#nextAlarm(atMs); next !== undefined; next = this.#nextAlarm(atMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#alarms.delete(next);
      next.ring();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Turns the clock back. */
  setBack(ms: number): void {
    this.#nowMs -= ms;
  }

  /** Expires the running timeouts of at most `maxMs` as if their time had passed. */
  expireTimeouts(maxMs = Number.POSITIVE_INFINITY, minMs = 0): void {
    for (const [controller, ms] of this.#timeouts) {
      if (ms >= minMs && ms <= maxMs) this.#expire(controller);
    }
  }

  #expire(controller: AbortController): void {
    controller.abort(new DOMException('The timeout expired.', 'TimeoutError'));
  }

  #startTimeout(ms: number, expire: () => void): () => void {
    const alarm = this.#setAlarm(ms, expire);
    return () => void this.#alarms.delete(alarm);
  }

  #setAlarm(ms: number, ring: () => void): Alarm {
    // As Node's timers do, it runs in the asynchronous context in which it was set.
    const alarm = { atMs: this.#nowMs + ms, ring: AsyncResource.bind(ring) };
    this.#alarms.add(alarm);
    return alarm;
  }

  #nextAlarm(endMs: number): Alarm | undefined {
    const due = [...this.#alarms].filter(({ atMs }) => atMs <= endMs);
    return due.sort((a, b) => a.atMs - b.atMs)[0];
  }
}

/** Starts a timeout of the machine's clock and returns its cancellation. */
function startRealTimeout(ms: number, expire: () => void): () => void {
  const { signal, stop } = systemClock.timeout(ms);
  signal.addEventListener('abort', expire, { once: true });
  return stop;
}
