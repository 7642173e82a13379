import type { SipUri } from '../../ucwa/uri.ts';
import type { AttemptReport } from '../attempt/attempt.ts';
import type { DesiredRing } from '../model/desired-ring.ts';
import { isFinal, type Outcome } from '../model/outcome.ts';
import type { RingState } from '../model/ring-state.ts';
import type { Invocation } from '../ports/deps.ts';
import type { RequestedChange } from './claim-user.ts';
import type { Progress } from './progress.ts';

/** What a request may have written to UCWA. */
export interface PossibleChange {
  /** The state found before; undefined where nothing recorded it. */
  readonly previous: RingState | undefined;
}

/** A change of one user. */
export interface SentChange extends RequestedChange {
  readonly user: SipUri;
}

/** What the log tells of a request, whether it set a ring or put one back. */
interface LoggedRequest extends Pick<SentChange, 'user' | 'order' | 'source'> {
  readonly ring: DesiredRing['ring'];
}

/** Returns what a request may have written; undefined where it certainly wrote nothing. */
export function possibleChange({
  mayHaveWritten,
  previous,
}: Pick<Progress, 'mayHaveWritten' | 'previous'>): PossibleChange | undefined {
  return mayHaveWritten ? { previous } : undefined;
}

/**
 * Logs that a request which may have written has ended. Call it where the end is recorded: a request that has ended is not
 * tried again, so each change is logged once. An end that is not final, or changed nothing, is not logged.
 */
export function logRingChanged(
  { log, correlationId, by }: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  { user, ring, order, source }: LoggedRequest,
  { outcome }: Pick<Outcome, 'outcome'>,
  change: PossibleChange | undefined,
  attempt?: Pick<AttemptReport<unknown>, 'durationMs' | 'recovery'>,
): void {
  if (change === undefined || !isFinal(outcome)) return;
  log({
    event: 'ring-changed',
    level: 'info',
    correlationId,
    user,
    ring,
    outcome,
    previousRing: change.previous?.ring,
    source,
    by,
    batch: order.batch,
    durationMs: attempt?.durationMs,
    recovery: attempt?.recovery,
  });
}
