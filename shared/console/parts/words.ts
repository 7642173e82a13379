import type { Outcome, RingState } from '../api/schemas.ts';

/** The outcomes in the order in which they are shown. */
export const outcomes = [
  'applied',
  'unchanged',
  'pending',
  'deferred',
  'scheduled',
  'superseded',
  'cancelled',
  'rejected',
  'failed',
] as const;

/** What each outcome means, in a few words. */
export const outcomeHelp: Readonly<Record<string, string>> = {
  applied: 'set, and read back',
  unchanged: 'nothing had to be written',
  pending: 'not tried yet',
  deferred: 'will be tried again',
  scheduled: 'waits for its time',
  superseded: 'a newer request came',
  cancelled: 'the batch was cancelled',
  rejected: 'the entry is wrong',
  failed: 'refused for good',
};

/** A setting, or what an entry asks for. */
interface Setting {
  readonly ring?: string | undefined;
  readonly target?: string | undefined;
  readonly ringDelaySeconds?: number | undefined;
  readonly forwarding?: RingState['forwarding'];
}

/** Returns a setting in words, such as `contact tel:+14255550123`. */
export function settingOf(setting: Setting): string {
  const { ring, target, ringDelaySeconds, forwarding } = setting;
  if (forwarding !== undefined) return `forwarded to ${forwarding.target}`;
  const delay = ringDelaySeconds === undefined ? '' : ` after ${ringDelaySeconds} s`;
  return `${ring ?? ''}${target === undefined ? '' : ` ${target}`}${delay}`;
}

/** Returns what an entry asks for, with its times. */
export function requestOf(entry: Outcome): string {
  if (entry.sent !== undefined) return sentText(entry.sent);
  const from = entry.from === undefined ? '' : `, from ${timeOf(entry.from)}`;
  const until = entry.until === undefined ? '' : `, until ${timeOf(entry.until)}`;
  return `${settingOf(entry)}${from}${until}`;
}

/** What a rejected entry asked for, as it was sent. Its user and key have places of their own. */
function sentText({ user: _user, ref: _ref, ...sent }: NonNullable<Outcome['sent']>): string {
  return Object.entries(sent)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Returns a time in the reader's own time zone. */
export function timeOf(time: string | undefined): string {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? '' : times.format(ms);
}

const numbers = new Intl.NumberFormat();

export function numberOf(count: number): string {
  return numbers.format(count);
}

/** Returns a count with its noun: `1 user`, `2 users`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberOf(count)} ${count === 1 ? one : many}`;
}
