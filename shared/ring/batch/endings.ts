import type { CancelledOutcome, RefusedOutcome } from '../model/outcome.ts';

/** How an entry ends that is not worked on any more. */
export type EntryEnding =
  | Pick<CancelledOutcome, 'outcome' | 'detail'>
  | Pick<RefusedOutcome, 'outcome' | 'code' | 'detail'>;

export const cancelled: EntryEnding = {
  outcome: 'cancelled',
  detail: 'The batch was cancelled before this entry was done.',
};

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
