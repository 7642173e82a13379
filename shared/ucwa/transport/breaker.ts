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
import type { Send, UcwaAnswer } from './transport.ts';

/** So many failures on end, with no success between, mean that a pool is down. */
const failuresOnEnd = 10;

/** How long a pool that is down is left alone before one request tries it again. */
const pause = { initialDelay: 5_000, maxDelay: 60_000 };

const poolsAtMost = 1_000;

/**
 * Puts a circuit breaker before each origin: while one is open nothing is sent there and {@link PoolPausedError} is
 * thrown at once; then one request tries it, and closes it if the origin answers. Other origins go on. A 503 counts only
 * when one request at a time is too many already: before that the origin may be no more than busy.
 */
export function guardPools(
  send: Send,
  limits: PoolLimits,
  onChange: (host: string, state: 'paused' | 'resumed') => void,
): Send {
  const breakers = new LRUCache<string, CircuitBreakerPolicy>({ max: poolsAtMost });
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

function createBreaker(isHeldToOne: () => boolean): CircuitBreakerPolicy {
  const poolIsDown = handleWhen(
    (error) => error instanceof ConnectionError || error instanceof RequestTimeoutError,
  ).orWhenResult(
    (answer) => isAnswer(answer) && (isGatewayFailure(answer) || (answer.status === 503 && isHeldToOne())),
  );
  return circuitBreaker(poolIsDown, {
    breaker: new ConsecutiveBreaker(failuresOnEnd),
    halfOpenAfter: new ExponentialBackoff(pause),
  });
}

/** What a load balancer says of a pool without Front Ends; a 500 is one user's trouble, not the pool's. */
function isGatewayFailure({ status }: UcwaAnswer): boolean {
  return status === 502 || status === 504;
}

function isAnswer(value: unknown): value is UcwaAnswer {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number';
}
