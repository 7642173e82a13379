import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { ConnectionError, PoolPausedError, RequestTimeoutError } from '../errors.ts';
import type { PoolLimits } from './pool-limits.ts';
import type { Send, UcwaResponse } from './transport.ts';

/** This many failures in a row, without a success between them, mean that a pool is down. */
const failuresInARow = 10;

/** How long nothing is sent to a pool that is down, before one request tries it again. */
const pause = { initialDelay: 5_000, maxDelay: 60_000 };

const maxPools = 1_000;

/**
 * Puts a circuit breaker before each origin. While it is open, {@link PoolPausedError} is thrown at once and nothing is
 * sent; then one request tries the origin and closes the breaker if the origin responds. A 503 counts as a failure only
 * when the pool is limited to one request at a time: before that the pool may just be busy.
 */
export function guardPools(
  send: Send,
  limits: PoolLimits,
  onChange: (host: string, state: 'paused' | 'resumed') => void,
): Send {
  const breakers = new LRUCache<string, CircuitBreakerPolicy>({ max: maxPools });
  const breakerOf = ({ origin, host }: URL): CircuitBreakerPolicy => {
    const known = breakers.get(origin);
    if (known !== undefined) return known;
    const breaker = createBreaker(() => limits.of(origin).limit === 1);
    breaker.onBreak(() => onChange(host, 'paused'));
    breaker.onReset(() => onChange(host, 'resumed'));
    breakers.set(origin, breaker);
    return breaker;
  };
  return async (request, exchange) => {
    try {
      return await breakerOf(request.url).execute(() => send(request, exchange), exchange.signal);
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new PoolPausedError(request.step, request.url.host);
      throw error;
    }
  };
}

function createBreaker(isLimitedToOne: () => boolean): CircuitBreakerPolicy {
  const isPoolDown = handleWhen(
    (error) => error instanceof ConnectionError || error instanceof RequestTimeoutError,
  ).orWhenResult(
    (value) => isResponse(value) && (isGatewayFailure(value) || (value.status === 503 && isLimitedToOne())),
  );
  return circuitBreaker(isPoolDown, {
    breaker: new ConsecutiveBreaker(failuresInARow),
    halfOpenAfter: new ExponentialBackoff(pause),
  });
}

/** True for what a load balancer returns when a pool has no Front End left. A 500 may concern one user only. */
function isGatewayFailure({ status }: UcwaResponse): boolean {
  return status === 502 || status === 504;
}

function isResponse(value: unknown): value is UcwaResponse {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number';
}
