import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { limitPools, PoolLimit, PoolLimits } from '../../../../../shared/ucwa/transport/pool-limits.ts';
import { answerWith } from '../../../../support/ucwa/answers.ts';

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
    await setImmediate();
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

  it('lets in who waited before who comes just when a place is free', async () => {
    const limit = new PoolLimit(1);
    const begun: string[] = [];
    const visit = async (who: string) => {
      const place = await limit.enter(patience);
      begun.push(who);
      limit.leave(place, 'success');
    };
    const first = await limit.enter(patience);
    const waiting = [visit('second'), visit('third')];
    limit.leave(first, 'success');
    await Promise.all([...waiting, visit('newcomer')]);
    expect(begun).toEqual(['second', 'third', 'newcomer']);
  });

  it('lets in no more than it bears after it was cut, until enough have left', async () => {
    const limit = new PoolLimit(4);
    const [first = 0, second = 0, third = 0] = await enterMany(limit, 4);
    let isIn = false;
    const fifth = limit.enter(patience).then(() => {
      isIn = true;
    });
    limit.leave(first, 'pushed-back');
    limit.leave(second, 'neither');
    await setImmediate();
    expect(isIn).toBe(false);
    limit.leave(third, 'neither');
    await fifth;
    expect(isIn).toBe(true);
  });
});

describe('a request that had to wait', () => {
  it('gives its place back where it was aborted just when it got it', async () => {
    const limits = new PoolLimits(1);
    const send = limitPools(async (_request, { signal }) => {
      signal.throwIfAborted();
      return answerWith({});
    }, limits);
    const request = { step: 'read', method: 'GET', url: new URL('https://pool.contoso.com/x') } as const;
    const exchange = {
      correlationId: 'c-1',
      signal: patience,
      onRequest: () => {},
      onAnswer: () => {},
      onUnreached: () => {},
    };
    const limit = limits.of(request.url.origin);
    const place = await limit.enter(patience);
    const impatience = new AbortController();
    const aborted = send(request, { ...exchange, signal: impatience.signal });
    const next = send(request, exchange);
    limit.leave(place, 'neither');
    impatience.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(await next).toMatchObject({ status: 200 });
  });
});
