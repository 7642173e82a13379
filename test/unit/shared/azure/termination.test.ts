import { describe, expect, it } from 'vitest';
import { InstanceTermination } from '../../../../shared/azure/termination.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

function start() {
  const clock = new FakeClock();
  return { clock, termination: new InstanceTermination(clock) };
}

/** Tells whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return await Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

describe('the termination of an instance', () => {
  it('signals the stop at once, and not before', async () => {
    const { termination } = start();
    expect(termination.signal.aborted).toBe(false);
    const stopped = termination.stopWork();
    expect(termination.signal.aborted).toBe(true);
    await stopped;
  });

  it('waits until all work has ended, however it ends', async () => {
    const { termination } = start();
    const one = Promise.withResolvers<string>();
    const other = Promise.withResolvers<string>();
    const first = termination.track(one.promise);
    const second = termination.track(other.promise);
    const stopped = termination.stopWork();
    one.resolve('done');
    expect(await first).toBe('done');
    expect(await isSettled(stopped)).toBe(false);
    other.reject(new Error('broken'));
    await expect(second).rejects.toThrow('broken');
    await stopped;
  });

  it('waits no longer than four seconds', async () => {
    const { clock, termination } = start();
    void termination.track(new Promise(() => {}));
    const stopped = termination.stopWork();
    await clock.advance(3_999);
    expect(await isSettled(stopped)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(stopped)).toBe(true);
  });

  it('leaves no timer behind', async () => {
    const { clock, termination } = start();
    await termination.track(Promise.resolve());
    await termination.stopWork();
    expect(clock.delaysMs).toEqual([]);
  });
});
