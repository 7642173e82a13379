import { formatIssue, issueAt, type ValidationIssue } from '../../model/validation.ts';
import type { RingDeps, RingLimits } from '../../ports/deps.ts';
import type { QueuedMessage } from './message.ts';
import type { UnreadableMessage } from './unreadable-message.ts';

const unsetUntilMs = Date.parse('1971-01-01T00:00:00Z');

function tooOld(requestedAtMs: number): ValidationIssue {
  const unset = requestedAtMs < unsetUntilMs ? ', as an unset date field is (year 1 or 1970),' : '';
  const detail = `\`requestedAt\` is earlier${unset} than the results that are kept here (RESULT_RETENTION_DAYS): send the time of the request, or leave it out.`;
  return issueAt('/requestedAt', detail);
}

/** The times of a message: of its request, and when it came into the queue. */
export interface MessageTimes {
  readonly requestedAtMs: number;
  readonly enqueuedAtMs: number;
}

/** Returns the issue of a request whose time, when it was sent, was older than the retention; undefined for every other. */
export function issueIfTooOld(
  { retentionMs }: Pick<RingLimits, 'retentionMs'>,
  { requestedAtMs, enqueuedAtMs }: MessageTimes,
): ValidationIssue | undefined {
  return enqueuedAtMs - requestedAtMs > retentionMs ? tooOld(requestedAtMs) : undefined;
}

/**
 * Returns why a message is not taken whose request was older than the retention when it was sent: an unset field of .NET
 * (the year 0001) or Unix (1970) would lose in silence against every earlier request. This is judged once, when its part is
 * new: what was taken is worked on to its end, and what waited long in the queue is not to blame for that. Throws
 * StorageUnavailableError.
 */
export async function refuseIfTooOld(
  { ledger, limits }: Pick<RingDeps, 'ledger' | 'limits'>,
  { batch, part, source, generation }: QueuedMessage,
  times: MessageTimes,
): Promise<UnreadableMessage | undefined> {
  const issue = generation > 0 ? undefined : issueIfTooOld(limits, times);
  if (issue === undefined) return undefined;
  if ((await ledger.readPart({ batch, part })) !== undefined) return undefined;
  const named = { batch, part, ...(source === undefined ? {} : { source }) };
  const detail = formatIssue(issue);
  return { reasons: [detail], detail, named };
}
