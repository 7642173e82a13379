import type { Slots } from './semaphore.ts';

/** How items are worked on. */
export interface RunConcurrentlyOptions<T> {
  readonly slots: Slots;
  /** Asked before each item: once it is true, no other is begun. */
  readonly shouldStop: () => Promise<boolean>;
  readonly work: (item: T) => Promise<void>;
}

/**
 * Works on items, as many at once as there are places, and answers with what was not begun. Once something throws, no
 * other item is begun; what is at work ends first, then the first error is thrown.
 */
export async function runConcurrently<T>(
  items: readonly T[],
  { slots, shouldStop, work }: RunConcurrentlyOptions<T>,
): Promise<readonly T[]> {
  const working = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  let begun = 0;
  for (const item of items) {
    const leave = await slots.acquire();
    const isOver = await shouldStop().catch(note);
    if (isOver !== false || errors.length > 0) {
      leave();
      break;
    }
    begun += 1;
    const done: Promise<void> = work(item)
      .catch(note)
      .finally(() => {
        leave();
        working.delete(done);
      });
    working.add(done);
  }
  await Promise.all(working);
  if (errors.length > 0) throw errors[0];
  return items.slice(begun);
}
