import type { DesiredRing, RingState } from './desired-ring.ts';
import type { FailureCode } from './failure-code.ts';

/** How a request ended: all but `deferred` are final. */
const outcomeNames = [
  'applied',
  'unchanged',
  'deferred',
  'superseded',
  'cancelled',
  'rejected',
  'failed',
] as const;

export type OutcomeName = (typeof outcomeNames)[number];

/** How an entry of a batch stands: its outcome, or `pending` while nothing became of it. */
export const entryStates = [...outcomeNames, 'pending'] as const;

export type EntryState = (typeof entryStates)[number];

/** A recovery step that was taken, as outcomes record it; from the least to the most expensive. */
export type RecoveryStep = 'retry' | 'fresh-application' | 'fresh-token' | 'reread-secret' | 'rediscover';

/** What UCWA said where it refused or failed. */
export interface UcwaWords {
  readonly status: number;
  readonly code?: string;
  readonly subcode?: string;
  readonly diagnosis?: Readonly<Record<string, string>>;
}

/** What became of one request for one person. */
export interface Outcome {
  readonly user: string;
  readonly outcome: OutcomeName;
  readonly ring?: DesiredRing['ring'];
  readonly target?: string;
  readonly ringDelaySeconds?: number;
  readonly dryRun?: true;
  /** With a dry run: what would have been done. */
  readonly would?: 'apply' | 'nothing';
  readonly previous?: RingState;
  /** Reading back showed the setting and its target. */
  readonly verified?: boolean;
  readonly attempts: number;
  readonly recovery: readonly RecoveryStep[];
  readonly requests: number;
  readonly correlationId: string;
  readonly code?: FailureCode;
  readonly detail?: string;
  readonly ucwa?: UcwaWords;
}

/** Tells whether the setting is the one that was wished for. */
export function isSuccess({ outcome }: Pick<Outcome, 'outcome'>): boolean {
  return outcome === 'applied' || outcome === 'unchanged';
}

export function isFinal(outcome: OutcomeName): boolean {
  return outcome !== 'deferred';
}

/** The beginning of an outcome that no attempt was made for. */
export function untried(user: string, correlationId: string) {
  return { user, attempts: 0, recovery: [], requests: 0, correlationId } as const;
}
