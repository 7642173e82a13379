import type { Outcome } from '../model/outcome.ts';

/** How entries end that are not worked on any more. */
export type EndedAs = Pick<Outcome, 'outcome' | 'code' | 'detail'>;

export const cancelled: EndedAs = {
  outcome: 'cancelled',
  detail: 'Its batch was cancelled before this entry was done.',
};

export const deliveredTooOften: EndedAs = {
  outcome: 'failed',
  code: 'ucwa-unavailable',
  detail: 'The message was delivered too often without its end being reached; send this entry again.',
};

export const busyTooLate: EndedAs = {
  outcome: 'failed',
  code: 'ucwa-unavailable',
  detail: 'Another request for this user was at work, and the hours to try are over; send this entry again.',
};
