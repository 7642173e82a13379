import type { Clock } from '../../runtime/clock.ts';
import type { Slots } from '../../runtime/semaphore.ts';
import type { UcwaClient } from '../../ucwa/client.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import type { RecoveryStep } from '../model/outcome.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import { noSlot, outOfTime } from './decision-table.ts';
import { Recovery, type Termination } from './recovery.ts';
import { SecretInUse } from './secret-in-use.ts';

/** What an attempt at UCWA needs from outside. */
export interface AttemptParts {
  readonly ucwa: UcwaClient;
  readonly credentials: CredentialStore;
  readonly clock: Clock;
  /** Who is at work on UCWA at once, from signing in to the end of the clean-up. */
  readonly slots: Slots;
  /** A number from 0 up to 1. */
  readonly random: () => number;
}

export interface AttemptOptions {
  readonly user: SipUri;
  readonly correlationId: string;
  /** Ends the attempt; what is under way is aborted. */
  readonly signal: AbortSignal;
  /** When the attempt must have ended: no wait goes beyond. */
  readonly deadlineMs: number;
  /** The version of the secret that UCWA refused before. */
  readonly refusedVersion: string | undefined;
}

/** How an attempt ended, and what it took. */
export interface AttemptReport<T> {
  readonly result: { readonly done: T } | Termination;
  readonly attempts: number;
  readonly recovery: readonly RecoveryStep[];
  readonly requests: number;
  /** Whether any request may have reached a server. */
  readonly hasReached: boolean;
  /** A version of the secret that UCWA refused in this attempt. */
  readonly refusedVersion: string | undefined;
  /** The hosts that answered, and not that they failed or are too busy. */
  readonly servingHosts: ReadonlySet<string>;
  /** What became of a write is not known: it may still take effect. */
  readonly isWriteUnderWay: boolean;
}

/** Who waits for a place uses up a claim's time: the wait is short against an attempt, and then others come first. */
const slotWaitLimitMs = 5_000;

/** How long clean-up may take, whatever became of the work. */
const cleanUpLimitMs = 2_000;

/**
 * Runs work on UCWA as one user and, where it fails, recovers step by step as the decision table says. `run` is
 * called anew after each step, so it must begin by reading what there is. Throws only what is no failure of UCWA or
 * the vault: what `run` met elsewhere, or a defect. An abort by the signal ends as `defer`.
 */
export async function attempt<T>(
  parts: AttemptParts,
  options: AttemptOptions,
  run: (session: UcwaSession) => Promise<T>,
): Promise<AttemptReport<T>> {
  const secret = new SecretInUse(parts.credentials, options);
  if (parts.slots.isFull && !parts.ucwa.hasToken(options.user)) secret.readAhead();
  try {
    const leave = await acquireSlot(parts, options.signal);
    if (leave === 'no-place') return notStarted(options.signal);
    return await attemptInSlot(parts, options, secret, run).finally(leave);
  } finally {
    secret.forgetAhead();
  }
}

async function acquireSlot(
  { slots, clock }: AttemptParts,
  signal: AbortSignal,
): Promise<(() => void) | 'no-place'> {
  const limit = clock.timeout(slotWaitLimitMs);
  try {
    return await slots.acquire(AbortSignal.any([signal, limit.signal]));
  } catch {
    return 'no-place';
  } finally {
    limit.stop();
  }
}

/** The time was over, the instance is about to stop, or nobody left a place for long. */
function notStarted<T>({ aborted, reason }: AbortSignal): AttemptReport<T> {
  return {
    result: { failure: aborted ? outOfTime : noSlot, error: reason, disposition: 'defer' },
    attempts: 0,
    recovery: [],
    requests: 0,
    hasReached: false,
    refusedVersion: undefined,
    servingHosts: new Set(),
    isWriteUnderWay: false,
  };
}

async function attemptInSlot<T>(
  parts: AttemptParts,
  options: AttemptOptions,
  secret: SecretInUse,
  run: (session: UcwaSession) => Promise<T>,
): Promise<AttemptReport<T>> {
  const { user, correlationId, signal, deadlineMs } = options;
  const { ucwa, clock, random } = parts;
  const session = ucwa.session({ user, correlationId, signal, credential: () => secret.read() });
  const recovery = new Recovery({ session, secret, clock, random, signal, deadlineMs });
  let result: AttemptReport<T>['result'];
  try {
    result = await runWithRecovery(recovery, () => run(session));
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
    hasReached: session.hasReached,
    refusedVersion: secret.refusedNow,
    servingHosts: session.servingHosts,
    isWriteUnderWay: session.mayLandLate || (session.write === 'unknown' && !('done' in result)),
  };
}

async function runWithRecovery<T>(
  recovery: Recovery,
  run: () => Promise<T>,
): Promise<AttemptReport<T>['result']> {
  for (;;) {
    try {
      return { done: await run() };
    } catch (error) {
      const ending = await recovery.next(error);
      if (ending !== 'again') return ending;
    }
  }
}
