import { shownSeconds } from '../../runtime/shown-seconds.ts';
import type { PendingRequest } from '../../ucwa/session.ts';

/** How every message about it begins. */
export const outOfTimeWords = 'The time for this attempt ran out';

/**
 * The time for an attempt ran out, or the instance stops. The message tells what it was waiting for, where, and for how long.
 */
export class OutOfTimeError extends Error {
  /** The host that had not responded; undefined where nothing was sent. */
  readonly host: string | undefined;

  constructor(waitedFor: PendingRequest | 'secret' | undefined, nowMs: number, cause?: unknown) {
    super(`${outOfTimeWords}${describe(waitedFor, nowMs)}.`, { cause });
    this.name = 'OutOfTimeError';
    this.host = waitedFor === 'secret' ? undefined : waitedFor?.host;
  }
}

function describe(waitedFor: PendingRequest | 'secret' | undefined, nowMs: number): string {
  if (waitedFor === undefined) return ' between a response and the next request';
  if (waitedFor === 'secret') return ' while the vault had not returned the secret';
  const { host, step, sinceMs, isSent } = waitedFor;
  const waited = shownSeconds(nowMs - sinceMs);
  return isSent
    ? `: ${host} had not responded for ${waited} in the ${step} step`
    : `: the request of the ${step} step had waited ${waited} for its turn at ${host}`;
}
