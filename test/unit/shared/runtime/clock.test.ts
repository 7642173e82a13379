import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../../shared/runtime/clock.ts';
import { failureOf } from '../../../support/ucwa/error-text.ts';

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("ends a sleep with the signal's reason when the signal is aborted", async () => {
    const controller = new AbortController();
    const reason = new RangeError('Wake up.');
    const sleeping = systemClock.sleep(1e9, controller.signal);
    controller.abort(reason);
    expect(await failureOf(sleeping)).toBe(reason);
  });

  it('rejects a sleep at once if its signal is already aborted', async () => {
    const reason = new RangeError('Too late.');
    expect(await failureOf(systemClock.sleep(1e9, AbortSignal.abort(reason)))).toBe(reason);
  });

  it('ends a sleep when its time is over, and no sooner', async () => {
    let isAwake = false;
    const sleeping = systemClock.sleep(1000, new AbortController().signal).then(() => {
      isAwake = true;
    });
    await vi.advanceTimersByTimeAsync(999);
    expect(isAwake).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
  });

  it('aborts the signal of a timeout when its time is over', () => {
    const { signal } = systemClock.timeout(1000);
    vi.advanceTimersByTime(999);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('never aborts the signal of a timeout that was stopped', () => {
    const { signal, stop } = systemClock.timeout(1000);
    stop();
    vi.advanceTimersByTime(2000);
    expect(signal.aborted).toBe(false);
  });

  it("aborts the signal of a timeout with its parent's reason, also where that was aborted before", () => {
    const parent = new AbortController();
    const reason = new RangeError('The caller left.');
    const { signal } = systemClock.timeout(1000, parent.signal);
    parent.abort(reason);
    expect(signal.reason).toBe(reason);
    expect(systemClock.timeout(1000, parent.signal).signal.reason).toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves nothing at the parent of a timeout that was stopped', () => {
    const parent = new AbortController();
    const { signal, stop } = systemClock.timeout(1000, parent.signal);
    stop();
    expect(getEventListeners(parent.signal, 'abort')).toEqual([]);
    parent.abort();
    expect(signal.aborted).toBe(false);
  });
});
