import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import { ConnectionError, PoolPausedError, RequestTimeoutError, UnexpectedContentError } from '../errors.ts';
import { shownHost } from '../shown-host.ts';
import { type PoolLimits, serviceOf } from './pool-limits.ts';
import { TlsError } from './tls-error.ts';
import type { Send, UcwaRequest, UcwaResponse } from './transport.ts';

/** This many failures in a row, without a success between them, mean that a pool is down. */
const failuresInARow = 10;

/** How long nothing is sent to a pool that is down, before one request tries it again. */
const pause = { initialDelay: 5_000, maxDelay: 60_000 };

const maxPools = 1_000;

/**
 * Puts a circuit breaker before each origin. While it is open, {@link PoolPausedError} is thrown at once and nothing is
 * sent; then one request tries the origin, while others wait, and closes the breaker if the origin responds. A try that
 * ends otherwise, also by an abort, proves nothing and opens it again. A 503 counts as a failure only when the pool is
 * limited to one request at a time: before that the pool may just be busy. A {@link TlsError} does not count: a pause would
 * hide what is to be corrected.
 */
export function guardPools(
  send: Send,
  limits: PoolLimits,
  onChange: (host: string, state: 'paused' | 'resumed') => void,
): Send {
  const breakers = new LRUCache<string, GuardedPool>({ max: maxPools });
  const poolOf = (request: UcwaRequest): GuardedPool => {
    const key = serviceOf(request);
    const known = breakers.get(key);
    if (known !== undefined) return known;
    const host = shownHost(request.url.host);
    const breaker = createBreaker(() => limits.of(request).limit === 1);
    breaker.onBreak(() => onChange(host, 'paused'));
    breaker.onReset(() => onChange(host, 'resumed'));
    const pool = { breaker, lastFailure: undefined };
    breakers.set(key, pool);
    return pool;
  };
  return async (request, exchange) => {
    const pool = poolOf(request);
    const { breaker } = pool;
    let hasBegun = false;
    const sent = breaker.execute(() => {
      hasBegun = true;
      const response = noteFailure(pool, send(request, exchange));
      return breaker.state === CircuitState.HalfOpen ? response.catch(throwIfUnanswered) : response;
    });
    try {
      return await leaveOnAbort(sent, exchange.signal, () => !hasBegun);
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new PoolPausedError(request.step, request.url.host, pool.lastFailure);
      }
      throw error instanceof UnansweredTry ? error.cause : error;
    }
  };
}

/** The breaker of an origin, and the sentence of the last failure there that may be one of the pool. */
interface GuardedPool {
  readonly breaker: CircuitBreakerPolicy;
  lastFailure: string | undefined;
}

async function noteFailure(pool: GuardedPool, sent: Promise<UcwaResponse>): Promise<UcwaResponse> {
  try {
    const response = await sent;
    const { status, url, step } = response;
    if (isGatewayFailure(response) || status === 503) {
      pool.lastFailure = `${shownHost(url.host)} returned ${status} in the ${step} step.`;
    }
    return response;
  } catch (error) {
    if (isSilence(error)) pool.lastFailure = error.message;
    throw error;
  }
}

/** A try of a paused pool ended without a response. */
class UnansweredTry extends Error {}

/** Content that cannot be used is a response too. */
function throwIfUnanswered(error: unknown): never {
  if (error instanceof UnexpectedContentError) throw error;
  throw new UnansweredTry('The try ended without a response.', { cause: error });
}

/** Resolves like `work`, but rejects with the signal's reason if that aborts while `isWaiting`. */
async function leaveOnAbort<T>(work: Promise<T>, signal: AbortSignal, isWaiting: () => boolean): Promise<T> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = () => {
    if (isWaiting()) reject(signal.reason);
  };
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function createBreaker(isLimitedToOne: () => boolean): CircuitBreakerPolicy {
  const isPoolDown = handleWhen((error) => isSilence(error) || error instanceof UnansweredTry).orWhenResult(
    (value) => isResponse(value) && (isGatewayFailure(value) || (value.status === 503 && isLimitedToOne())),
  );
  return circuitBreaker(isPoolDown, {
    breaker: new ConsecutiveBreaker(failuresInARow),
    halfOpenAfter: new ExponentialBackoff(pause),
  });
}

/** True where a server did not respond, for a reason that may pass. */
function isSilence(error: unknown): error is ConnectionError | RequestTimeoutError {
  return (
    (error instanceof ConnectionError && !(error instanceof TlsError)) || error instanceof RequestTimeoutError
  );
}

/** True for what a load balancer returns when a pool has no Front End left. A 500 may concern one user only. */
function isGatewayFailure({ status }: UcwaResponse): boolean {
  return status === 502 || status === 504;
}

function isResponse(value: unknown): value is UcwaResponse {
  return typeof value === 'object' && value !== null && 'status' in value && typeof value.status === 'number';
}
