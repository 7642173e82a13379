import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundless, Limiter } from '../../../../shared/runtime/semaphore.ts';

it('never lets more in than its limit, wastes no place, and keeps the order of those who wait', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      async (scheduler, limit, pieces) => {
        const limiter = new Limiter(limit);
        const entered: number[] = [];
        let inside = 0;
        let most = 0;
        const work = async (piece: number) => {
          const leave = await limiter.enter();
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
  const limiter = new Limiter(1);
  for (let round = 0; round < 3; round++) {
    expect(limiter.isFull).toBe(false);
    const leave = await limiter.enter();
    expect(limiter.isFull).toBe(true);
    leave();
  }
  expect(limiter.isFull).toBe(false);
});

it('lets go of those who wait no longer, and of nobody else', async () => {
  const limiter = new Limiter(1);
  const leave = await limiter.enter();
  const impatient = new AbortController();
  const entered: string[] = [];
  const gone = limiter.enter(impatient.signal);
  const stays = limiter.enter(new AbortController().signal).then((leaveAgain) => {
    entered.push('stays');
    return leaveAgain;
  });
  impatient.abort(new Error('It took too long.'));
  await expect(gone).rejects.toThrow('It took too long.');
  expect(entered).toEqual([]);
  leave();
  (await stays)();
  (await limiter.enter())();
});

it.each([
  ['a limiter', new Limiter(1)],
  ['boundless room', boundless],
])('%s lets nobody in whose time is over', async (_what, places) => {
  await expect(places.enter(AbortSignal.abort(new Error('Over.')))).rejects.toThrow('Over.');
  (await places.enter())();
});
