import type { FailureCode } from '../model/failure-code.ts';
import type { CancelledOutcome, DeferredOutcome, Outcome, RefusedOutcome } from '../model/outcome.ts';
import type { Invocation } from '../ports/deps.ts';
import { finalOutcomeOf, isOvertaken, type UserRecord } from '../ports/user-store.ts';
import { supersededOutcome, withNextStep } from '../user/change-outcome.ts';
import type { ChangeRequest } from '../user/change-ring.ts';

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

/** Returns the outcome that the user's record shows for a request: done, or superseded. */
export function knownOutcome(
  call: Invocation,
  request: ChangeRequest,
  record: UserRecord,
): Outcome | undefined {
  const isSuperseded = !request.dryRun && isOvertaken(record, request.order);
  return isSuperseded
    ? supersededOutcome(call, request, record.newest?.order)
    : finalOutcomeOf(record, request.order);
}

/** How an entry ends that is not worked on any more. */
export type EntryEnding =
  | Pick<CancelledOutcome, 'outcome' | 'detail'>
  | Pick<RefusedOutcome, 'outcome' | 'code' | 'detail'>;

export const cancelled: EntryEnding = {
  outcome: 'cancelled',
  detail:
    'The batch was cancelled before anything was written for this entry. If it is to count, send it again in a new batch.',
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
