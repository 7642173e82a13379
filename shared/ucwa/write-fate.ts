import { ConnectionError, PoolPausedError } from './errors.ts';
import { responseError, type UcwaResponse } from './transport/transport.ts';
import { UntrustedHostError } from './transport/untrusted-host-error.ts';
import { subcode } from './vocabulary.ts';

/**
 * How long after its attempt stopped a write may still take effect, in milliseconds. The design assumes this limit, and a
 * claim outlasts its attempt by it.
 */
export const lateWriteLimitMs = 30_000;

interface State {
  readonly lastWrite: 'none' | 'known' | 'unknown';
  /** A write of unknown result was followed by another write. */
  readonly isEarlierUnknown: boolean;
}

/**
 * What is known about the writes of one session: whether one was sent, whether its result is known, and whether one may
 * still take effect.
 *
 *     track ──► waits for the pool ──► noteSent ──► response: the result is known
 *                       │                  ├──────► connecting failed: as if it had not been sent
 *                       │                  └──────► timeout, broken connection, abort, 502, 504: the result is unknown,
 *                       │                           it may land until lateWriteLimitMs after the attempt stopped
 *                       └──► aborted, host paused or not trusted: it was not sent
 *
 * A later write does not settle an earlier one of unknown result: the earlier one may still land, and undo the later.
 */
export class WriteFate {
  #state: State = { lastWrite: 'none', isEarlierUnknown: false };
  #mayHaveTakenEffect = false;

  /** True once a write was sent, whatever its result. */
  get mayHaveWritten(): boolean {
    return this.#state.lastWrite !== 'none';
  }

  /** True once a write was sent that the server did not refuse. A refusal is believed only where nothing is claimed of it. */
  get mayHaveTakenEffect(): boolean {
    return this.#mayHaveTakenEffect;
  }

  /** True if a write may still take effect. `isProved` says that the effect of the last write was read back. */
  mayStillLand({ isProved }: { readonly isProved: boolean }): boolean {
    const { lastWrite, isEarlierUnknown } = this.#state;
    return isEarlierUnknown || (lastWrite === 'unknown' && !isProved);
  }

  /** Sends one write and keeps what is known about its result. `send` must call {@link noteSent} when the write goes out. */
  async track(send: () => Promise<UcwaResponse>): Promise<UcwaResponse> {
    const before = this.#state;
    const hadEffect = this.#mayHaveTakenEffect;
    try {
      const response = await send();
      if (isRefused(response)) this.#mayHaveTakenEffect = hadEffect;
      if (!isGatewayFailure(response)) this.#state = { ...this.#state, lastWrite: 'known' };
      return response;
    } catch (error) {
      if (wasNeverSent(error)) {
        this.#state = before;
        this.#mayHaveTakenEffect = hadEffect;
      }
      throw error;
    }
  }

  /** Notes that the tracked write goes out now. Until then it waits for the pool, and nothing is written. */
  noteSent(): void {
    this.#mayHaveTakenEffect = true;
    const { lastWrite, isEarlierUnknown } = this.#state;
    this.#state = { lastWrite: 'unknown', isEarlierUnknown: isEarlierUnknown || lastWrite === 'unknown' };
  }
}

/** A write that was refused had no effect. `AlreadyExists` tells of an effect, perhaps that of this very write. */
function isRefused(response: UcwaResponse): boolean {
  if (response.status === 409) return !responseError(response).says(subcode.alreadyExists);
  return refusingStatuses.has(response.status);
}

/** 408 and 429 may come from something in front of the server, after it has begun. */
const refusingStatuses: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 410, 412, 413, 415, 428]);

/** A gateway that stopped waiting does not stop the server behind it, so its response tells nothing about the write. */
function isGatewayFailure({ status }: UcwaResponse): boolean {
  return status === 502 || status === 504;
}

function wasNeverSent(error: unknown): boolean {
  if (error instanceof ConnectionError) return !error.sent;
  return error instanceof UntrustedHostError || error instanceof PoolPausedError;
}
