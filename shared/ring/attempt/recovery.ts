import type { Clock } from '../../runtime/clock.ts';
import {
  IdentityMismatchError,
  PasswordRefusedError,
  SignInUnjudgedError,
  UcwaResponseError,
} from '../../ucwa/errors.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { decisiveError } from '../../ucwa/sign-in/discovery-error.ts';
import type { Disposition, RecoveryStep } from '../model/outcome.ts';
import {
  classify,
  type Decision,
  decide,
  type Failure,
  interrupted,
  outOfTime,
  outOfTimeAtVault,
} from './decision-table.ts';
import { OutOfTimeError } from './out-of-time.ts';
import { parseRetryAfterMs, retryDelayMs } from './retry-delay.ts';
import type { SecretInUse } from './secret-in-use.ts';

/** A failure that recovery could not overcome, and how the attempt ends. */
export interface Termination {
  readonly failure: Failure;
  readonly error: unknown;
  readonly disposition: Disposition;
}

/** Returns how an attempt ends for a reason of our own, which no error tells. */
export function endedBy(failure: Failure): Termination {
  return { failure, error: undefined, disposition: 'defer' };
}

/** What recovery acts on. */
export interface RecoveryDeps {
  readonly session: UcwaSession;
  readonly secret: SecretInUse;
  readonly clock: Clock;
  /** Returns a number from 0 up to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Aborted when the instance is about to stop; `signal` aborts then too. */
  readonly stopping: AbortSignal;
  /** No wait goes beyond. */
  readonly deadlineMs: number;
}

/** The recovery of one attempt: carries out the steps of the decision table, failure by failure. */
export class Recovery {
  readonly #deps: RecoveryDeps;
  readonly #seen = new Map<Failure, number>();
  readonly #taken: RecoveryStep[] = [];

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
  }

  /** The steps that were carried out so far. */
  get taken(): readonly RecoveryStep[] {
    return this.#taken;
  }

  /**
   * Carries out the next step against a failure. Where the step itself fails (rereading the secret can), that failure is
   * handled next. Throws an error that is not a failure of UCWA or the vault.
   */
  async next(error: unknown): Promise<Termination | 'again'> {
    const { session, secret, signal, stopping } = this.#deps;
    const failure = signal.aborted ? outOfTime : classify(error);
    if (failure === undefined) throw error;
    if (error instanceof PasswordRefusedError) await secret.refuse();
    if (error instanceof IdentityMismatchError) await session.dropRoute();
    if (stopping.aborted) return endedBy(interrupted);
    if (failure === outOfTime) return this.#whenOutOfTime(error);
    const seen = this.#count(failure);
    const decision = decide(failure, seen, session.isRouteCached);
    try {
      const end = await this.#carryOut(decision, this.#delayBefore(decision, error, seen));
      if (end === 'defer' && stopping.aborted) return endedBy(interrupted);
      return end === 'again' ? end : { failure, error, disposition: end };
    } catch (another) {
      return await this.next(another);
    }
  }

  /** Tells the failure that the time ran out with, or else what was being waited for. */
  #whenOutOfTime(cause: unknown): Termination {
    const known = classify(cause);
    if (known !== undefined) {
      const failure = known.code === 'vault-unavailable' ? outOfTimeAtVault : outOfTime;
      return { failure, error: cause, disposition: 'defer' };
    }
    const { session, secret, clock } = this.#deps;
    const { isReading } = secret;
    const error = new OutOfTimeError(isReading ? 'secret' : session.pending, clock.nowMs(), cause);
    return { failure: isReading ? outOfTimeAtVault : outOfTime, error, disposition: 'defer' };
  }

  /** Returns how often the failure was met before. */
  #count(failure: Failure): number {
    const seen = this.#seen.get(failure) ?? 0;
    this.#seen.set(failure, seen + 1);
    return seen;
  }

  async #carryOut(decision: Decision, delayMs: number): Promise<Disposition | 'again'> {
    if (decision === 'defer' || decision === 'fail') return decision;
    if (decision === 'reread-secret' && !(await this.#deps.secret.hasChanged())) return 'fail';
    if (!(await this.#wait(delayMs))) return 'defer';
    await this.#prepare(decision);
    this.#taken.push(decision === 'retry-on-new-connection' ? 'retry' : decision);
    return 'again';
  }

  #delayBefore(decision: Decision, error: unknown, seen: number): number {
    const { clock, random } = this.#deps;
    const decisive = decisiveError(error);
    const retryAfter =
      decisive instanceof UcwaResponseError || decisive instanceof SignInUnjudgedError
        ? decisive.retryAfter
        : undefined;
    const asked = parseRetryAfterMs(retryAfter, clock.nowMs());
    if (asked !== undefined) return asked;
    const isRetry = decision === 'retry' || decision === 'retry-on-new-connection';
    return isRetry ? retryDelayMs(seen, random) : 0;
  }

  /** Returns false where the deadline leaves no time for the wait, or the attempt was aborted during it. */
  async #wait(ms: number): Promise<boolean> {
    const { clock, signal, deadlineMs } = this.#deps;
    if (clock.nowMs() + ms >= deadlineMs) return false;
    try {
      await clock.sleep(ms, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  async #prepare(decision: Decision): Promise<void> {
    const { session } = this.#deps;
    if (decision === 'retry-on-new-connection') session.dropConnection();
    if (decision === 'fresh-application') await session.dropApplication();
    if (decision === 'fresh-token') await session.dropToken();
    if (decision === 'rediscover') await session.dropRoute();
  }
}
