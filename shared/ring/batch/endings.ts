import type { FailureCode } from '../model/failure-code.ts';
import type { CancelledOutcome, DeferredOutcome, RefusedOutcome } from '../model/outcome.ts';
import { withNextStep } from '../user/change-outcome.ts';

/** The end of a deferred entry's detail. */
export const triedAgain = 'It will be tried again from the queue.';

/** Codes whose cause passes by itself. */
const passing: ReadonlySet<FailureCode> = new Set(['busy', 'interrupted']);

/** Returns the outcome of an entry that is not tried again, from that of its last try. */
export function triedToTheEnd(
  outcome: DeferredOutcome,
  limit: 'BULK_MAX_ATTEMPTS' | 'BULK_GIVE_UP_HOURS',
): RefusedOutcome {
  const whatToDo = passing.has(outcome.code) ? 'send it again' : 'correct the cause, then send it again';
  const nextStep = `It is not tried again, because ${limit} has been reached: ${whatToDo}.`;
  return { ...withNextStep(outcome, nextStep), outcome: 'failed' };
}

/** How an entry ends that is not worked on any more. */
export type EntryEnding =
  | Pick<CancelledOutcome, 'outcome' | 'detail'>
  | Pick<RefusedOutcome, 'outcome' | 'code' | 'detail'>;

export const cancelled: Pick<CancelledOutcome, 'outcome' | 'detail'> = {
  outcome: 'cancelled',
  detail:
    'The batch was cancelled before anything was written for this entry. If it is to count, send it again in a new batch.',
};

/** Its setting was to end before it could be set. */
export const pastItsEnd: EntryEnding = {
  outcome: 'cancelled',
  detail:
    'Its `until` passed before anything was written for it, so nothing is set. If it is to count, send it again with a later `until`.',
};

/** Does the same where a write may have been made: the undo, which is on the queue, puts that back. */
export const pastItsEndAfterWrite: EntryEnding = {
  outcome: 'cancelled',
  detail:
    'Its `until` passed before its end was known. A write may have been made: the batch in `undoneBy` puts back what was set before.',
};

/** From this delivery on, open entries are ended: the host poisons a message after a hundred deliveries, without a call. */
export const lastDeliveriesFrom = 95;

export const deliveredTooOften: EntryEnding = {
  outcome: 'failed',
  code: 'interrupted',
  detail: 'The message was delivered too often without finishing; send this entry again.',
};

export const busyTooLong: EntryEnding = {
  outcome: 'failed',
  code: 'busy',
  detail:
    'Another request for this user was in progress until the time to try was over; send this entry again.',
};

/** Thrown where the instance is about to stop: the message comes back when its lease ends. */
export class StoppedError extends Error {
  constructor() {
    super('The instance is about to stop; the message comes back.');
    this.name = 'StoppedError';
  }
}
