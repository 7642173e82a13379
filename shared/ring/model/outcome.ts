import { formatTime } from '../../runtime/format-time.ts';
import type { ActivePeriod, DesiredRing } from './desired-ring.ts';
import type { FailureCode } from './failure-code.ts';
import type { RingState } from './ring-state.ts';

/** The names of outcomes. */
export const outcomeNames = [
  'applied',
  'unchanged',
  'deferred',
  'scheduled',
  'superseded',
  'cancelled',
  'rejected',
  'failed',
] as const;

export type OutcomeName = (typeof outcomeNames)[number];

/** The states of an entry: its outcome, or `pending` while it has none. */
export const entryStates = [...outcomeNames, 'pending'] as const;

export type EntryState = (typeof entryStates)[number];

/** A recovery step that was taken, as outcomes record it; from the least to the most expensive. */
export type RecoveryStep = 'retry' | 'fresh-application' | 'fresh-token' | 'reread-secret' | 'rediscover';

/** How a failed attempt ends: retried from the queue, or refused for good. */
export type Disposition = 'defer' | 'fail';

/** UCWA's own words for a refusal or failure. */
export interface UcwaWords {
  readonly status: number;
  readonly code?: string;
  readonly subcode?: string;
  readonly diagnosis?: Readonly<Record<string, string>>;
}

/** What every outcome records: the user, what was asked for, and the effort it took. */
interface OutcomeBase {
  readonly user: string;
  readonly ring?: DesiredRing['ring'];
  readonly target?: string;
  readonly ringDelaySeconds?: number;
  readonly activePeriod?: ActivePeriod;
  /** When the setting was to begin, in ISO 8601. */
  readonly from?: string;
  /** When the setting ends, in ISO 8601. */
  readonly until?: string;
  readonly attempts: number;
  readonly recovery: readonly RecoveryStep[];
  /** Requests to UCWA. */
  readonly requests: number;
  readonly correlationId: string;
  /** When the request ended, in ISO 8601. Absent where it has not, and in what 0.1 stored. */
  readonly endedAt?: string;
}

/** A side effect of a change that succeeded. */
export interface Warning {
  /**
   * `unanswered-not-restored`: UCWA refused to set the user's own target for unanswered calls again.
   * `unanswered-lost`: UCWA did not show that target, so it could not be set again.
   * `not-restored`: an undo put back the ring, and could not put back this part of the settings.
   */
  readonly code: 'unanswered-not-restored' | 'unanswered-lost' | 'not-restored';
  readonly detail: string;
}

/** The ring is as desired: written now (`applied`), or found so (`unchanged`, where nothing was written). */
export interface SuccessOutcome extends OutcomeBase {
  readonly outcome: 'applied' | 'unchanged';
  /** The state found before; absent where an earlier attempt may have changed it. */
  readonly previous?: RingState;
  /** Reading back showed the setting and its target. */
  readonly verified: boolean;
  readonly warnings?: readonly Warning[];
}

/** A dry run that found out what a change would do. */
export interface DryRunOutcome extends OutcomeBase {
  readonly outcome: 'unchanged';
  readonly dryRun: true;
  readonly would: 'apply' | 'nothing';
  readonly previous: RingState;
  /** What the change would be warned of. */
  readonly warnings?: readonly Warning[];
}

/** Why the ring is not as desired. */
interface Unsuccessful extends OutcomeBase {
  readonly dryRun?: true;
  readonly code: FailureCode;
  readonly detail: string;
  readonly ucwa?: UcwaWords;
}

/** Not done now; retried from the queue. */
export interface DeferredOutcome extends Unsuccessful {
  readonly outcome: 'deferred';
  /** From when its message can be delivered again, in ISO 8601. Absent in what 0.1 stored. */
  readonly nextTryAt?: string;
}

/** Not due yet: it waits in the queue for its time. */
export interface ScheduledOutcome extends OutcomeBase {
  readonly outcome: 'scheduled';
  readonly detail: string;
  /** When it is due, in ISO 8601. */
  readonly nextTryAt: string;
}

/**
 * Final, and not done: `failed` where UCWA refused it or its attempts or hours are used up, `rejected` where the request is
 * invalid or not allowed, `superseded` where a newer request came first.
 */
export interface RefusedOutcome extends Unsuccessful {
  readonly outcome: 'failed' | 'rejected' | 'superseded';
  /** What a rejected entry asked for, as its sender wrote it. Absent in what 0.1 stored. */
  readonly sent?: Readonly<Record<string, string>> | undefined;
}

/** Its batch was cancelled before anything was written for this entry. */
export interface CancelledOutcome extends OutcomeBase {
  readonly outcome: 'cancelled';
  readonly detail: string;
}

/** The recorded result of one request for one user. */
export type Outcome = SuccessOutcome | DryRunOutcome | UnsuccessfulOutcome;

/** An outcome after which the ring is not known to be as desired. */
export type UnsuccessfulOutcome = DeferredOutcome | ScheduledOutcome | RefusedOutcome | CancelledOutcome;

/** True where the ring is as desired, or a dry run found out what it was asked. */
export function isSuccess(outcome: Outcome): outcome is SuccessOutcome | DryRunOutcome {
  return outcome.outcome === 'applied' || outcome.outcome === 'unchanged';
}

/** True for every outcome after which the entry is not worked on any more. */
export function isFinal(outcome: OutcomeName): boolean {
  return outcome !== 'deferred' && outcome !== 'scheduled';
}

/** Returns an outcome with the time at which its request ended. One that has a time, or is not final, is returned as it is. */
export function withEnd<Given extends Outcome>(outcome: Given, endedAtMs: number): Given {
  if (!isFinal(outcome.outcome) || outcome.endedAt !== undefined) return outcome;
  return { ...outcome, endedAt: formatTime(endedAtMs) };
}

/** The effort of a request for which nothing was attempted, with its user: the start of such an outcome. */
export function withoutAttempt(user: string, correlationId: string) {
  return { user, attempts: 0, recovery: [], requests: 0, correlationId } as const;
}
