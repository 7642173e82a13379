import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Limiter } from '../../../../shared/ring/limiter.ts';

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

it('lets others in after those who left', async () => {
  const limiter = new Limiter(1);
  for (let round = 0; round < 3; round++) {
    const leave = await limiter.enter();
    leave();
  }
});
