import { formatTime } from '../../runtime/format-time.ts';
import type { UnjudgedSignIns } from '../ports/user-store.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** At most so many passwords without a verdict in any window. */
const maxInWindow = 3;
const windowMs = 30 * minuteMs;

/** After so many in a row, none for a day: directories lock accounts on slow counters too. */
const maxInRow = 6;
const pauseMs = 24 * hourMs;

/**
 * Returns until when no password may be sent; undefined where one may be sent now. A sign-in without a verdict may have
 * counted as a failure in the directory, so that repeating it could lock the account.
 */
export function signInPausedUntilMs(
  { sentAtMs }: Pick<UnjudgedSignIns, 'sentAtMs'>,
  nowMs: number,
): number | undefined {
  const windowFrom = sentAtMs.at(-maxInWindow);
  const rowFrom = sentAtMs.length >= maxInRow ? sentAtMs.at(-1) : undefined;
  const untilMs = Math.max(
    windowFrom === undefined ? 0 : windowFrom + windowMs,
    rowFrom === undefined ? 0 : rowFrom + pauseMs,
  );
  return untilMs > nowMs ? untilMs : undefined;
}

/** Adds one sign-in without a verdict. Keeps only as many as the limits look at. */
export function withSignIn(signIns: UnjudgedSignIns | undefined, sentAtMs: number): UnjudgedSignIns {
  const times = [...(signIns?.sentAtMs ?? []), sentAtMs].sort((a, b) => a - b);
  return { ...signIns, sentAtMs: times.slice(-maxInRow) };
}

/** No password was sent, because too many before got no verdict: another one could lock the account. */
export class SignInPausedError extends Error {
  readonly untilMs: number;
  /** What to do about it, in whole sentences. */
  readonly remedy: string;

  /** `host` is the token service that gave no verdict; undefined where it is not known. */
  constructor(untilMs: number, host: string | undefined) {
    const until = formatTime(untilMs);
    const at = host === undefined ? '' : ` at ${host}`;
    super(
      `Earlier sign-ins of this user${at} got no verdict on the password. To keep the account from being locked, it is not sent again before ${until}.`,
    );
    this.name = 'SignInPausedError';
    this.untilMs = untilMs;
    this.remedy = `Until then, find out why ${host ?? 'the token service'} gives no verdict: look at its event log, its directory and the network on the way to it.`;
  }
}
