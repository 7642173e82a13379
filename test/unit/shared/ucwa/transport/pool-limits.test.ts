import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../shared/runtime/clock.ts';
import { limitPools, PoolLimit, PoolLimits } from '../../../../../shared/ucwa/transport/pool-limits.ts';
import { neverAborted } from '../../../../support/ucwa/client.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

const signal = neverAborted();

async function acquireMany(limit: PoolLimit, count: number): Promise<number[]> {
  return await Promise.all(Array.from({ length: count }, () => limit.acquire(signal)));
}

describe('the limit of a pool', () => {
  it('gives out as many slots as it allows, and the next when one is released', async () => {
    const limit = new PoolLimit(2);
    const [first] = await acquireMany(limit, 2);
    let hasThird = false;
    const third = limit.acquire(signal).then(() => {
      hasThird = true;
    });
    await setImmediate();
    expect(hasThird).toBe(false);
    limit.release(first ?? 0, 'success');
    await third;
    expect(hasThird).toBe(true);
  });

  it('halves once for all requests in progress when the pool pushes back', async () => {
    const limit = new PoolLimit(16);
    const slots = await acquireMany(limit, 16);
    for (const slot of slots) limit.release(slot, 'pushed-back');
    expect(limit.limit).toBe(8);
    const [next] = await acquireMany(limit, 1);
    limit.release(next ?? 0, 'pushed-back');
    expect(limit.limit).toBe(4);
  });

  it('never falls below one, and grows by one with every round of successes, up to its maximum', async () => {
    const limit = new PoolLimit(3);
    for (let push = 0; push < 5; push++) limit.release(await limit.acquire(signal), 'pushed-back');
    expect(limit.limit).toBe(1);
    const grown: number[] = [];
    for (let request = 0; request < 9; request++) {
      limit.release(await limit.acquire(signal), 'success');
      grown.push(limit.limit);
    }
    expect(grown).toEqual([2, 2, 3, 3, 3, 3, 3, 3, 3]);
  });

  it('rejects a waiter whose signal is aborted', async () => {
    const limit = new PoolLimit(1);
    const [slot] = await acquireMany(limit, 1);
    const controller = new AbortController();
    const waiting = limit.acquire(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    limit.release(slot ?? 0, 'success');
    expect(await limit.acquire(signal)).toBe(2);
  });

  it('gives a released slot to a waiter, not to a request that comes in the same moment', async () => {
    const limit = new PoolLimit(1);
    const served: string[] = [];
    const request = async (name: string) => {
      const slot = await limit.acquire(signal);
      served.push(name);
      limit.release(slot, 'success');
    };
    const first = await limit.acquire(signal);
    const waiting = [request('second'), request('third')];
    limit.release(first, 'success');
    await Promise.all([...waiting, request('newcomer')]);
    expect(served).toEqual(['second', 'third', 'newcomer']);
  });

  it('gives out no slot after a cut until enough are released', async () => {
    const limit = new PoolLimit(4);
    const [first = 0, second = 0, third = 0] = await acquireMany(limit, 4);
    let hasFifth = false;
    const fifth = limit.acquire(signal).then(() => {
      hasFifth = true;
    });
    limit.release(first, 'pushed-back');
    limit.release(second, 'neither');
    await setImmediate();
    expect(hasFifth).toBe(false);
    limit.release(third, 'neither');
    await fifth;
    expect(hasFifth).toBe(true);
  });
});

describe('a request that had to wait', () => {
  it('releases its slot if it is aborted in the moment when it gets the slot', async () => {
    const limits = new PoolLimits(1);
    const send = limitPools(
      async (_request, exchange) => {
        exchange.signal.throwIfAborted();
        return responseWith({});
      },
      limits,
      systemClock,
    );
    const request = { step: 'read', method: 'GET', url: new URL('https://pool.contoso.com/x') } as const;
    const exchange = {
      correlationId: 'c-1',
      signal,
      onRequest: () => {},
      onResponse: () => {},
      onUnreached: () => {},
    };
    const limit = limits.of(request);
    const slot = await limit.acquire(signal);
    const controller = new AbortController();
    const aborted = send(request, { ...exchange, signal: controller.signal });
    const next = send(request, exchange);
    limit.release(slot, 'neither');
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect(await next).toMatchObject({ status: 200 });
  });
});

describe('the limit of a token service', () => {
  it('falls to that of its pool when the pool pushes back, and is not raised by it', async () => {
    const limits = new PoolLimits(16);
    const url = new URL('https://pool.contoso.com/x');
    const ofTokens = limits.of({ url, step: 'token' });
    const send = limitPools(async () => responseWith({ status: 503 }), limits, systemClock);
    const exchange = {
      correlationId: 'c-1',
      signal,
      onRequest: () => {},
      onResponse: () => {},
      onUnreached: () => {},
    };
    await send({ step: 'read', method: 'GET', url }, exchange);
    expect(ofTokens.limit).toBe(8);
    ofTokens.lowerTo(2);
    await send({ step: 'read', method: 'GET', url }, exchange);
    expect(limits.of({ url, step: 'read' }).limit).toBe(4);
    expect(ofTokens.limit).toBe(2);
  });
});
