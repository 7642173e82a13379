import { describe, expect, it } from 'vitest';
import { PoolLimit } from '../../../../shared/ucwa/pool-limits.ts';

const patience = new AbortController().signal;

async function enterMany(limit: PoolLimit, count: number): Promise<number[]> {
  return await Promise.all(Array.from({ length: count }, () => limit.enter(patience)));
}

describe('the limit of a pool', () => {
  it('lets in as many as the limit says, the rest as places come free', async () => {
    const limit = new PoolLimit(2);
    const [first] = await enterMany(limit, 2);
    let isIn = false;
    const third = limit.enter(patience).then(() => {
      isIn = true;
    });
    await Promise.resolve();
    expect(isIn).toBe(false);
    limit.leave(first ?? 0, 'success');
    await third;
    expect(isIn).toBe(true);
  });

  it('halves once for all that were at work when the pool pushed back', async () => {
    const limit = new PoolLimit(16);
    const places = await enterMany(limit, 16);
    for (const place of places) limit.leave(place, 'pushed-back');
    expect(limit.limit).toBe(8);
    const [next] = await enterMany(limit, 1);
    limit.leave(next ?? 0, 'pushed-back');
    expect(limit.limit).toBe(4);
  });

  it('never goes below one, and grows by one with every round of successes, up to the most', async () => {
    const limit = new PoolLimit(3);
    for (let push = 0; push < 5; push++) limit.leave(await limit.enter(patience), 'pushed-back');
    expect(limit.limit).toBe(1);
    const grown: number[] = [];
    for (let request = 0; request < 9; request++) {
      limit.leave(await limit.enter(patience), 'success');
      grown.push(limit.limit);
    }
    expect(grown).toEqual([2, 2, 3, 3, 3, 3, 3, 3, 3]);
  });

  it('lets go of who does not want to wait any longer', async () => {
    const limit = new PoolLimit(1);
    const [place] = await enterMany(limit, 1);
    const impatience = new AbortController();
    const waiting = limit.enter(impatience.signal);
    impatience.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    limit.leave(place ?? 0, 'success');
    expect(await limit.enter(patience)).toBe(2);
  });
});
