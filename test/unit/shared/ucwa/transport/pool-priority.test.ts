import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../../shared/runtime/clock.ts';
import { limitPools, PoolLimit, PoolLimits } from '../../../../../shared/ucwa/transport/pool-limits.ts';
import type { Exchange, Priority } from '../../../../../shared/ucwa/transport/transport.ts';
import { neverAborted } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

/** A pool that lets one request through at a time, which is under way. */
async function busyPool() {
  const limit = new PoolLimit(1);
  const first = await limit.acquire(neverAborted());
  const served: string[] = [];
  const request = async (name: string, priority?: Priority, signal = neverAborted()) => {
    const slot = await limit.acquire(signal, priority);
    served.push(name);
    limit.release(slot, 'success');
  };
  return { served, request, finishFirst: () => limit.release(first, 'success') };
}

describe('a busy pool', () => {
  it('serves callers before batches, and each in order of arrival', async () => {
    const { served, request, finishFirst } = await busyPool();
    const waiting = [
      request('batch 1', 'batch'),
      request('caller 1', 'caller'),
      request('batch 2'),
      request('caller 2', 'caller'),
    ];
    finishFirst();
    await Promise.all(waiting);
    expect(served).toEqual(['caller 1', 'caller 2', 'batch 1', 'batch 2']);
  });

  it('serves a caller who comes while batches wait as the next', async () => {
    const { served, request, finishFirst } = await busyPool();
    const batch = [1, 2, 3].map((number) => request(`batch ${number}`, 'batch'));
    const chain = request('caller 1', 'caller').then(() => request('caller 2', 'caller'));
    finishFirst();
    await Promise.all([...batch, chain]);
    expect(served.indexOf('caller 1')).toBe(0);
    expect(served.indexOf('caller 2')).toBeLessThan(served.indexOf('batch 3'));
  });

  it('serves the batch when the callers before it were aborted', async () => {
    const { served, request, finishFirst } = await busyPool();
    const controller = new AbortController();
    const aborted = failureOf(request('caller', 'caller', controller.signal));
    const waiting = request('batch', 'batch');
    controller.abort();
    finishFirst();
    await Promise.all([aborted, waiting]);
    expect(served).toEqual(['batch']);
  });
});

/** A pool of 16 that is filled with requests of a batch. `finish` ends some of them, and each leaves its place to another. */
async function filledPool() {
  const limit = new PoolLimit(16);
  const inProgress: number[] = [];
  const begin = () => limit.acquire(neverAborted(), 'batch').then((slot) => void inProgress.push(slot));
  await Promise.all(Array.from({ length: 16 }, begin));
  const finish = async (count: number) => {
    for (const slot of inProgress.splice(0, count)) {
      void begin();
      limit.release(slot, 'success');
      await setImmediate();
    }
  };
  return { limit, inProgress, finish };
}

describe('a batch beside a caller', () => {
  it('has a quarter of the requests while the caller is served', async () => {
    const { limit, inProgress, finish } = await filledPool();
    const waiting = limit.acquire(neverAborted(), 'caller');
    await finish(13);
    await waiting;
    expect(inProgress).toHaveLength(4);
    await finish(100);
    expect(inProgress).toHaveLength(4);
  });

  it('has one request more with every round after the caller, up to the limit of the pool', async () => {
    const { limit, inProgress, finish } = await filledPool();
    const waiting = limit.acquire(neverAborted(), 'caller');
    await finish(13);
    limit.release(await waiting, 'success');
    const seen = new Set<number>();
    for (let round = 0; round < 20; round++) {
      await finish(inProgress.length);
      seen.add(inProgress.length);
    }
    expect([...seen]).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  it('keeps one request at a pool that takes only one or two', async () => {
    const limit = new PoolLimit(2);
    const caller = await limit.acquire(neverAborted(), 'caller');
    const batch = await limit.acquire(neverAborted(), 'batch');
    expect(batch).toBeGreaterThan(caller);
  });
});

describe('a request', () => {
  it('waits with the priority of its exchange, a batch by default', async () => {
    const limits = new PoolLimits(1);
    const sent: string[] = [];
    const send = limitPools(
      async (_request, { correlationId }) => {
        sent.push(correlationId);
        return responseWith({});
      },
      limits,
      systemClock,
    );
    const url = new URL('https://pool.contoso.com/x');
    const slot = await limits.of({ step: 'read', url }).acquire(neverAborted());
    const sendAs = (correlationId: string, priority: { priority?: Priority }) => {
      const exchange: Exchange = {
        correlationId,
        ...priority,
        signal: neverAborted(),
        onRequest: () => {},
        onResponse: () => {},
        onUnreached: () => {},
      };
      return send({ step: 'read', method: 'GET', url }, exchange);
    };
    const waiting = [
      sendAs('default', {}),
      sendAs('batch', { priority: 'batch' }),
      sendAs('caller', { priority: 'caller' }),
    ];
    limits.of({ step: 'read', url }).release(slot, 'success');
    await Promise.all(waiting);
    expect(sent).toEqual(['caller', 'default', 'batch']);
  });
});
