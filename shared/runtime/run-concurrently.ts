import type { Slots } from './semaphore.ts';

/** The work to do on each item, and its limits. */
export interface RunConcurrentlyOptions<T> {
  /** One is held for each item in progress. */
  readonly slots: Slots;
  /** Called before each item; once it returns true, no further item is started. */
  readonly shouldStop: () => Promise<boolean>;
  readonly work: (item: T) => Promise<void>;
}

/**
 * Works on items in their order, as many at once as there are slots, and returns those that were not started. After an
 * error no further item is started; the first error is thrown once all items in progress have ended.
 */
export async function runConcurrently<T>(
  items: readonly T[],
  { slots, shouldStop, work }: RunConcurrentlyOptions<T>,
): Promise<readonly T[]> {
  const inProgress = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const collect = (error: unknown) => void errors.push(error);
  let started = 0;
  for (const item of items) {
    const release = await slots.acquire();
    const mustStop = await shouldStop().catch(collect);
    if (mustStop !== false || errors.length > 0) {
      release();
      break;
    }
    started += 1;
    const done: Promise<void> = work(item)
      .catch(collect)
      .finally(() => {
        release();
        inProgress.delete(done);
      });
    inProgress.add(done);
  }
  await Promise.all(inProgress);
  if (errors.length > 0) throw errors[0];
  return items.slice(started);
}
