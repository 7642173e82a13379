import type { Clock } from '../../runtime/clock.ts';
import { PasswordRefusedError, UcwaResponseError } from '../../ucwa/errors.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import type { RecoveryStep } from '../model/outcome.ts';
import {
  classify,
  type Decision,
  type Disposition,
  decide,
  type Failure,
  outOfTime,
} from './decision-table.ts';
import { parseRetryAfterMs, retryDelayMs } from './retry-delay.ts';
import type { SecretInUse } from './secret-in-use.ts';

/** A failure that outlasted what could be done about it. */
export interface Termination {
  readonly failure: Failure;
  readonly error: unknown;
  readonly disposition: Disposition;
}

/** What an attempt recovers with. */
export interface RecoveryDeps {
  readonly session: UcwaSession;
  readonly secret: SecretInUse;
  readonly clock: Clock;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** No wait goes beyond. */
  readonly deadlineMs: number;
}

/** The recovery of one attempt: carries out, failure by failure, what the decision table says. */
export class Recovery {
  readonly #parts: RecoveryDeps;
  readonly #seen = new Map<Failure, number>();
  readonly #taken: RecoveryStep[] = [];

  constructor(parts: RecoveryDeps) {
    this.#parts = parts;
  }

  /** The steps that were carried out so far. */
  get taken(): readonly RecoveryStep[] {
    return this.#taken;
  }

  /**
   * Takes the next step about a failure; one that fails by itself, since the vault does, is the next failure. Throws
   * what is no failure of UCWA or the vault.
   */
  async next(error: unknown): Promise<Termination | 'again'> {
    const { session, secret, signal } = this.#parts;
    const failure = signal.aborted ? outOfTime : classify(error);
    if (failure === undefined) throw error;
    if (error instanceof PasswordRefusedError) secret.refuse();
    const seen = this.#count(failure);
    const decision = decide(failure, seen, session.isRouteCached);
    try {
      const disposition = await this.#carryOut(decision, this.#waitBefore(decision, error, seen));
      return disposition === 'again' ? disposition : { failure, error, disposition };
    } catch (another) {
      return await this.next(another);
    }
  }

  /** How often a failure was met before. */
  #count(failure: Failure): number {
    const seen = this.#seen.get(failure) ?? 0;
    this.#seen.set(failure, seen + 1);
    return seen;
  }

  async #carryOut(decision: Decision, waitMs: number): Promise<Disposition | 'again'> {
    if (decision === 'defer' || decision === 'fail') return decision;
    if (decision === 'reread-secret' && !(await this.#parts.secret.hasChanged())) return 'fail';
    if (!(await this.#wait(waitMs))) return 'defer';
    await this.#prepare(decision);
    this.#taken.push(decision === 'retry-on-new-connection' ? 'retry' : decision);
    return 'again';
  }

  #waitBefore(decision: Decision, error: unknown, seen: number): number {
    const { clock, random } = this.#parts;
    const asked =
      error instanceof UcwaResponseError ? parseRetryAfterMs(error.retryAfter, clock.nowMs()) : undefined;
    if (asked !== undefined) return asked;
    const isRetry = decision === 'retry' || decision === 'retry-on-new-connection';
    return isRetry ? retryDelayMs(seen, random) : 0;
  }

  /** Answers whether there was time for the wait, and nobody ended the attempt meanwhile. */
  async #wait(ms: number): Promise<boolean> {
    const { clock, signal, deadlineMs } = this.#parts;
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
    const { session } = this.#parts;
    if (decision === 'retry-on-new-connection') session.dropConnection();
    if (decision === 'fresh-application') await session.dropApplication();
    if (decision === 'fresh-token') await session.dropToken();
    if (decision === 'rediscover') await session.dropRoute();
  }
}
