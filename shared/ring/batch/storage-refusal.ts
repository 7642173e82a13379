import { withoutAttempt } from '../model/outcome.ts';
import type { Invocation } from '../ports/deps.ts';
import { unexpectedError } from '../ports/events.ts';
import { StorageRefusedError } from '../ports/storage-error.ts';
import type { OutcomeSubject } from '../user/change-outcome.ts';
import type { Tried } from '../user/tried.ts';

/**
 * Awaits a try at a change. Where storage refuses the user's record the entry ends as `failed`: the same would be refused
 * at every delivery, and keep the whole message coming back. It is logged as the defect that it is.
 */
export async function endIfRefused(
  { log, correlationId }: Invocation,
  { user, desired }: OutcomeSubject,
  change: Promise<Tried>,
): Promise<Tried> {
  try {
    return await change;
  } catch (error) {
    if (!(error instanceof StorageRefusedError)) throw error;
    log(unexpectedError(error, correlationId));
    const outcome = {
      ...withoutAttempt(user, correlationId),
      outcome: 'failed',
      ...desired,
      code: 'storage-unavailable',
      detail:
        "Storage refused the user's record, so it is not known whether the ring was set: read it to find out. The log holds the cause under this correlation id.",
    } as const;
    return { kind: 'ended', outcome };
  }
}
