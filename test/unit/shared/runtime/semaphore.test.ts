import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Semaphore, unlimitedSlots } from '../../../../shared/runtime/semaphore.ts';

it('never lets more in than its limit, wastes no place, and keeps the order of those who wait', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      async (scheduler, limit, pieces) => {
        const limiter = new Semaphore(limit);
        const entered: number[] = [];
        let inside = 0;
        let most = 0;
        const work = async (piece: number) => {
          const leave = await limiter.acquire();
          entered.push(piece);
          inside += 1;
          most = Math.max(most, inside);
          await scheduler.schedule(Promise.resolve(), `piece ${piece}`);
          inside -= 1;
          leave();
        };
        const all = Array.from({ length: pieces }, (_, piece) => piece);
        await scheduler.waitFor(Promise.all(all.map(work)));
        expect(most).toBe(Math.min(limit, pieces));
        expect(entered).toEqual(all);
      },
    ),
  );
});

it('is full while all its places are taken', async () => {
  const limiter = new Semaphore(1);
  for (let round = 0; round < 3; round++) {
    expect(limiter.isFull).toBe(false);
    const leave = await limiter.acquire();
    expect(limiter.isFull).toBe(true);
    leave();
  }
  expect(limiter.isFull).toBe(false);
});

it('lets go of those who wait no longer, and of nobody else', async () => {
  const limiter = new Semaphore(1);
  const leave = await limiter.acquire();
  const impatient = new AbortController();
  const entered: string[] = [];
  const gone = limiter.acquire(impatient.signal);
  const stays = limiter.acquire(new AbortController().signal).then((leaveAgain) => {
    entered.push('stays');
    return leaveAgain;
  });
  impatient.abort(new Error('It took too long.'));
  await expect(gone).rejects.toThrow('It took too long.');
  expect(entered).toEqual([]);
  leave();
  (await stays)();
  (await limiter.acquire())();
});

it.each([
  ['a limiter', new Semaphore(1)],
  ['boundless room', unlimitedSlots],
])('%s lets nobody in whose time is over', async (_what, places) => {
  await expect(places.acquire(AbortSignal.abort(new Error('Over.')))).rejects.toThrow('Over.');
  (await places.acquire())();
});
