import type { Clock, Timeout } from '../../runtime/clock.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { lateWriteLimitMs } from '../../ucwa/write-fate.ts';
import { type AttemptReport, attempt } from '../attempt/attempt.ts';
import type { SignInHistory } from '../attempt/secret-in-use.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import type { UserRecord } from '../ports/user-store.ts';
import type { Claim } from './claim.ts';

/** When a caller stops waiting: no delay between requests goes beyond `deadlineMs`, and `signal` aborts requests then. */
export interface CallerBudget {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/**
 * Runs an attempt that ends `lateWriteLimitMs` before its claim: a claim that was slow to be written leaves it less time. A
 * caller's budget may end it earlier, except for a token request.
 */
export async function attemptUnder<T>(
  deps: RingDeps,
  call: Invocation,
  { budget }: { readonly budget?: CallerBudget },
  claim: Claim,
  run: (session: UcwaSession, signal: AbortSignal) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { refusedVersion, signIns } = claim.userRecord;
  const endsAtMs = claim.untilMs - lateWriteLimitMs;
  const limit = startLimit(deps.clock, endsAtMs, call.signal);
  const tokenSignal = limit.signal;
  const signal = budget === undefined ? tokenSignal : AbortSignal.any([tokenSignal, budget.signal]);
  const deadlineMs = Math.min(endsAtMs, budget?.deadlineMs ?? endsAtMs);
  const options = {
    user: claim.user,
    deadlineMs,
    stopping: call.signal,
    tokenSignal,
    signIns: { refusedVersion, signIns },
    recordSignIns: (history: SignInHistory) => claim.record(signInsOf(history)),
  };
  try {
    const report = await attempt(deps, { ...call, signal }, options, (session) => run(session, signal));
    if (report.result.ok) deps.hostsServed.note(report.servingHosts, call.log);
    return report;
  } finally {
    limit.stop();
  }
}

/** A limit that is over already aborts at once, not with the next turn of the clock. */
function startLimit(clock: Clock, endsAtMs: number, parent: AbortSignal): Timeout {
  const leftMs = endsAtMs - clock.nowMs();
  return leftMs > 0 ? clock.timeout(leftMs, parent) : { signal: AbortSignal.abort(), stop: () => {} };
}

/** What is not given stays as it is recorded, until the claim is released. */
function signInsOf({ refusedVersion, signIns }: SignInHistory): UserRecord {
  return {
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
    ...(signIns === undefined ? {} : { signIns }),
  };
}
