import type { SipUri } from '../../ucwa/uri.ts';
import { lateWriteLimitMs } from '../../ucwa/write-fate.ts';
import type { AttemptReport } from '../attempt/attempt.ts';
import { noSlot } from '../attempt/decision-table.ts';
import { SignInPausedError } from '../attempt/sign-in-limit.ts';
import type { DeferredOutcome, Outcome, SuccessOutcome } from '../model/outcome.ts';
import type { RingDeps } from '../ports/deps.ts';
import type { CallerBudget } from './attempt-under-claim.ts';
import { type ChangeResult, type Claim, ClaimLostError } from './claim.ts';
import type { ClaimRequest } from './claim-user.ts';
import type { PossibleChange } from './ring-changed.ts';

/** Work for one user. */
export interface ReadRequest {
  readonly user: SipUri;
  /** How long a caller waits; absent where no caller does. */
  readonly budget?: CallerBudget;
}

/** How one try at a change, or at reading, ended. */
export type Tried = { readonly kind: 'ended'; readonly outcome: Outcome } | NotEnded;

/** A try that is to be repeated. */
export type NotEnded =
  | {
      readonly kind: 'deferred';
      readonly outcome: DeferredOutcome;
      /** True where the try counts towards the attempts of an entry. */
      readonly countsAsAttempt: boolean;
      /** True where only an operator can correct the cause. */
      readonly requiresOperator: boolean;
      /** Before this time another try would send nothing. */
      readonly notBeforeMs?: number;
      /** Present where the request may have written to UCWA. */
      readonly change?: PossibleChange;
      /** The outcome if it is not tried again: the ring is as desired, and only a side effect is left. */
      readonly settled?: SuccessOutcome;
    }
  /** Another worker has claimed the user. */
  | { readonly kind: 'busy'; readonly untilMs: number }
  /** No slot came free; nothing was sent. */
  | { readonly kind: 'no-slot' };

/** Tells apart an attempt that lost its claim from one that failed otherwise, which is thrown. */
export function claimLostOrThrow(error: unknown): 'lost' {
  if (error instanceof ClaimLostError) return 'lost';
  throw error;
}

/** Returns how a try ended, from the report of its attempt and the outcome made of it. */
export function endOf({ result, hasReached }: AttemptReport<unknown>, outcome: Outcome): Tried {
  if (result.ok || outcome.outcome !== 'deferred') return { kind: 'ended', outcome };
  const { failure, error } = result.error;
  if (failure === noSlot) return { kind: 'no-slot' };
  return {
    kind: 'deferred',
    outcome,
    ...(error instanceof SignInPausedError ? { notBeforeMs: error.untilMs } : {}),
    countsAsAttempt: failure.countsAsAttempt && hasReached,
    requiresOperator: failure.requiresOperator,
  };
}

/** Returns the request for a claim that outlasts one attempt by the time a write may still take. */
export function claimRequest({ clock, newId, limits }: RingDeps, user: SipUri): ClaimRequest {
  const durationMs = limits.attemptLimitMs + lateWriteLimitMs;
  return { user, claimId: newId(), nowMs: clock.nowMs(), durationMs };
}

/** Releases a claim and records how its attempt ended; the claim is held on while a write may still take effect. */
export function release(
  { clock }: RingDeps,
  claim: Claim,
  { signIns, mayStillLand }: AttemptReport<unknown>,
  change?: ChangeResult,
): Promise<'recorded' | 'lost'> {
  const nowMs = clock.nowMs();
  const holdUntilMs = mayStillLand ? nowMs + lateWriteLimitMs : undefined;
  return claim.release({ change, signIns, nowMs, holdUntilMs });
}
