import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ConnectionError,
  PoolPausedError,
  RequestTimeoutError,
  UnexpectedContentError,
} from '../../../../../shared/ucwa/errors.ts';
import { guardPools } from '../../../../../shared/ucwa/transport/breaker.ts';
import { PoolLimits } from '../../../../../shared/ucwa/transport/pool-limits.ts';
import type { Exchange, UcwaResponse } from '../../../../../shared/ucwa/transport/transport.ts';
import { UntrustedHostError } from '../../../../../shared/ucwa/transport/untrusted-host-error.ts';
import { neverAborted } from '../../../../support/ucwa/client.ts';
import { failureOf } from '../../../../support/ucwa/error-text.ts';
import { responseWith } from '../../../../support/ucwa/responses.ts';

const url = new URL('https://pool.contoso.com/settings');
const request = { step: 'read', method: 'GET', url } as const;
const down = () => Promise.reject(new ConnectionError('read', url.host, true, 'ECONNRESET'));
const up = async () => responseWith({});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-23T09:00:00Z') });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A guarded pool whose next responses a test decides. */
function guardedPool() {
  let sends = 0;
  let respond: (signal: AbortSignal) => Promise<UcwaResponse> = up;
  const changes: string[] = [];
  const guarded = guardPools(
    (_request, { signal }) => {
      sends += 1;
      signal.throwIfAborted();
      return respond(signal);
    },
    new PoolLimits(10),
    (host, state) => void changes.push(`${host} ${state}`),
  );
  const exchange: Exchange = {
    correlationId: 'a-correlation-id',
    signal: neverAborted(),
    onRequest: () => {},
    onResponse: () => {},
    onUnreached: () => {},
  };
  return {
    changes,
    sends: () => sends,
    respondWith: (next: typeof respond) => {
      respond = next;
    },
    send: (signal = neverAborted()) => guarded(request, { ...exchange, signal }),
  };
}

type GuardedPool = ReturnType<typeof guardedPool>;

/** Pauses the pool, and lets the pause pass. */
async function pauseAndWait(pool: GuardedPool): Promise<void> {
  pool.respondWith(down);
  for (let failures = 0; failures < 10; failures++) await failureOf(pool.send());
  expect(await failureOf(pool.send())).toBeInstanceOf(PoolPausedError);
  passMinutes(2);
}

function passMinutes(minutes: number): void {
  vi.setSystemTime(Date.now() + minutes * 60_000);
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

describe('a pool that is tried again after its pause', () => {
  it('resumes if it responds', async () => {
    const pool = guardedPool();
    await pauseAndWait(pool);
    pool.respondWith(up);
    expect(await pool.send()).toMatchObject({ status: 200 });
    expect(pool.changes).toEqual(['pool.contoso.com paused', 'pool.contoso.com resumed']);
  });

  it('resumes if it responds with content that cannot be used', async () => {
    const pool = guardedPool();
    await pauseAndWait(pool);
    pool.respondWith(() => Promise.reject(new UnexpectedContentError('read', url.host, 'over 1 MiB')));
    await failureOf(pool.send());
    expect(pool.changes.at(-1)).toBe('pool.contoso.com resumed');
  });

  it.each<[string, () => Promise<never>]>([
    ['breaks the connection', down],
    ['does not respond', () => Promise.reject(new RequestTimeoutError('read', url.host, 10_000))],
    [
      'was not asked, because the URL is not trusted',
      () => Promise.reject(new UntrustedHostError('read', url)),
    ],
    ['meets a defect of ours', () => Promise.reject(new TypeError('undefined is not a function'))],
  ])('stays paused if it %s, and the error is thrown as it is', async (_name, respond) => {
    const pool = guardedPool();
    await pauseAndWait(pool);
    const error = await failureOf(respond());
    pool.respondWith(() => Promise.reject(error));
    expect(await failureOf(pool.send())).toBe(error);

    pool.respondWith(up);
    expect(await failureOf(pool.send())).toBeInstanceOf(PoolPausedError);
    expect(pool.sends()).toBe(11);
    expect(pool.changes).not.toContain('pool.contoso.com resumed');
  });

  it('stays paused if the try is aborted, which rejects with the reason', async () => {
    const pool = guardedPool();
    await pauseAndWait(pool);
    const controller = new AbortController();
    pool.respondWith(untilAborted);
    const aborted = failureOf(pool.send(controller.signal));
    controller.abort(new RangeError('The budget is used up.'));
    expect(await aborted).toBe(controller.signal.reason);

    pool.respondWith(up);
    expect(await failureOf(pool.send())).toBeInstanceOf(PoolPausedError);
    expect(pool.sends()).toBe(11);

    passMinutes(2);
    expect(await pool.send()).toMatchObject({ status: 200 });
    expect(pool.changes.at(-1)).toBe('pool.contoso.com resumed');
  });

  it('lets a request that waits for the try go as soon as it is aborted', async () => {
    const pool = guardedPool();
    await pauseAndWait(pool);
    const trying = new AbortController();
    pool.respondWith(untilAborted);
    const tried = failureOf(pool.send(trying.signal));

    const waiting = new AbortController();
    const waited = failureOf(pool.send(waiting.signal));
    waiting.abort(new RangeError('The budget is used up.'));
    expect(await waited).toBe(waiting.signal.reason);
    expect(pool.sends()).toBe(11);

    trying.abort();
    await tried;
  });
});

describe('a pool that works', () => {
  it('is not paused by requests that are aborted', async () => {
    const pool = guardedPool();
    pool.respondWith(untilAborted);
    for (let requests = 0; requests < 20; requests++) {
      const controller = new AbortController();
      const aborted = failureOf(pool.send(controller.signal));
      controller.abort();
      await aborted;
    }
    pool.respondWith(up);
    expect(await pool.send()).toMatchObject({ status: 200 });
    expect(pool.changes).toEqual([]);
  });
});

describe('an event about a pool', () => {
  it('has at most 253 characters of the host', async () => {
    const changes: string[] = [];
    const guarded = guardPools(down, new PoolLimits(10), (host) => void changes.push(host));
    const overlong = new URL(`https://${'a.'.repeat(1_000)}com/`);
    const exchange: Exchange = {
      correlationId: 'a-correlation-id',
      signal: neverAborted(),
      onRequest: () => {},
      onResponse: () => {},
      onUnreached: () => {},
    };
    for (let failures = 0; failures < 10; failures++) {
      await failureOf(guarded({ ...request, url: overlong }, exchange));
    }
    expect(changes.map(({ length }) => length)).toEqual([253]);
  });
});
