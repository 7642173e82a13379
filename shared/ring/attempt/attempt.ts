import { failed, type Result, success } from '../../runtime/result.ts';
import { unlimitedSlots } from '../../runtime/semaphore.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import type { RecoveryStep } from '../model/outcome.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { type Failure, interrupted, noSlot, notBegun } from './decision-table.ts';
import { endedBy, Recovery, type Termination } from './recovery.ts';
import { SecretInUse, type SignInHistory } from './secret-in-use.ts';

export interface AttemptOptions {
  readonly user: SipUri;
  /** When the attempt must have ended: no wait goes beyond. */
  readonly deadlineMs: number;
  /** Aborted when the instance is about to stop. The signal of the call, which ends the attempt, aborts then too. */
  readonly stopping: AbortSignal;
  /** Ends a token request; a caller's budget does not, since the verdict on the password would be lost. */
  readonly tokenSignal: AbortSignal;
  /** What earlier attempts recorded of this user's sign-ins. */
  readonly signIns: SignInHistory;
  /** Records the sign-ins while the attempt goes on. Throws where that fails. */
  readonly recordSignIns: (history: SignInHistory) => Promise<void>;
}

/** How an attempt ended, and the effort it took. */
export interface AttemptReport<T> {
  readonly result: Result<T, Termination>;
  readonly attempts: number;
  readonly recovery: readonly RecoveryStep[];
  readonly requests: number;
  /** From sign-in to clean-up; 0 where the attempt was not started. */
  readonly durationMs: number;
  /** True where a request may have reached a server. */
  readonly hasReached: boolean;
  /** What is to be recorded of the user's sign-ins. */
  readonly signIns: SignInHistory;
  /** The hosts that answered with neither a failure nor a request to slow down. */
  readonly servingHosts: ReadonlySet<string>;
  /** True where a write may still take effect. */
  readonly mayStillLand: boolean;
}

/** A short wait: it uses up the time of a claim, and the batch can go on with other users. */
const slotWaitLimitMs = 5_000;

/** The most that clean-up may take, whatever the attempt's result. */
const cleanUpLimitMs = 2_000;

/**
 * Runs work on UCWA as one user and recovers from failures step by step, as the decision table says. `run` is called
 * again after each step, so it must begin by reading the current state. An abort by the signal ends as `defer`. Throws
 * only what is not a failure of UCWA or the vault: errors of other collaborators, and defects.
 */
export async function attempt<T>(
  deps: RingDeps,
  call: Invocation,
  options: AttemptOptions,
  run: (session: UcwaSession) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { user, signIns } = options;
  const slots = call.priority === 'caller' ? unlimitedSlots : deps.slots;
  const secret = new SecretInUse(deps.credentials, {
    user,
    clock: deps.clock,
    signal: call.signal,
    record: options.recordSignIns,
    ...signIns,
  });
  if (slots.isFull && !deps.ucwa.hasToken(user)) secret.prefetch();
  try {
    const release = await acquireSlot(deps, { ...call, slots });
    if (release === 'no-slot') return notStarted(whyNotStarted(call, options), signIns);
    return await attemptInSlot(deps, call, options, secret, run).finally(release);
  } finally {
    secret.cancelPrefetch();
  }
}

async function acquireSlot(
  { clock }: Pick<RingDeps, 'clock'>,
  { slots, signal }: Pick<RingDeps, 'slots'> & Pick<Invocation, 'signal'>,
): Promise<(() => void) | 'no-slot'> {
  const limit = clock.timeout(slotWaitLimitMs, signal);
  try {
    return await slots.acquire(limit.signal);
  } catch {
    return 'no-slot';
  } finally {
    limit.stop();
  }
}

function whyNotStarted({ signal }: Invocation, { stopping }: AttemptOptions): Failure {
  if (stopping.aborted) return interrupted;
  return signal.aborted ? notBegun : noSlot;
}

function notStarted<T>(failure: Failure, signIns: SignInHistory): AttemptReport<T> {
  return {
    result: failed(endedBy(failure)),
    attempts: 0,
    recovery: [],
    requests: 0,
    durationMs: 0,
    hasReached: false,
    signIns,
    servingHosts: new Set(),
    mayStillLand: false,
  };
}

async function attemptInSlot<T>(
  { ucwa, clock, random }: RingDeps,
  { correlationId, signal, priority, onBehalfOf }: Invocation,
  { user, deadlineMs, stopping, tokenSignal }: AttemptOptions,
  secret: SecretInUse,
  run: (session: UcwaSession) => Promise<T>,
): Promise<AttemptReport<T>> {
  const shared = { user, correlationId, signal, tokenSignal, priority, onBehalfOf };
  const session = ucwa.session({ ...shared, credential: secret });
  const recovery = new Recovery({ session, secret, clock, random, signal, stopping, deadlineMs });
  const startedMs = clock.nowMs();
  let result: AttemptReport<T>['result'];
  try {
    result = await runWithRecovery(recovery, async () => {
      // Where a password serves after all, reading it asks the same.
      if (onBehalfOf === undefined) await secret.requireSignInAllowed();
      return await run(session);
    });
  } finally {
    const cleanUp = clock.timeout(cleanUpLimitMs);
    await session.close(cleanUp.signal);
    cleanUp.stop();
  }
  return {
    result,
    attempts: 1 + recovery.taken.length,
    recovery: recovery.taken,
    requests: session.requests,
    durationMs: clock.nowMs() - startedMs,
    hasReached: session.hasReached,
    signIns: secret.history,
    servingHosts: session.servingHosts,
    mayStillLand: session.writeFate.mayStillLand({ isProved: result.ok }),
  };
}

async function runWithRecovery<T>(
  recovery: Recovery,
  run: () => Promise<T>,
): Promise<Result<T, Termination>> {
  for (;;) {
    try {
      return success(await run());
    } catch (error) {
      const termination = await recovery.next(error);
      if (termination !== 'again') return failed(termination);
    }
  }
}
