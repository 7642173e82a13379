import type { Outcome } from '../model/outcome.ts';
import {
  countOutcomes,
  type LedgerEntry,
  type OutcomeCounts,
  type PartKey,
  type RejectedMessage,
} from '../ports/ledger.ts';
import type { FailedEntry, RejectionMessage, ResultsMessage } from '../ports/queues.ts';
import { bytesOf, messageLimitBytes } from './message/split.ts';

/**
 * Returns the summary of a part, with as many of its failures as fit into one message. `isSecond` is true where one was sent
 * before, while entries still waited for their time.
 */
export function formatResults(
  { batch, part }: PartKey,
  entries: readonly LedgerEntry[],
  isSecond = false,
): string {
  const failed = entries.flatMap((entry) => {
    const { outcome } = entry;
    return outcome?.outcome === 'failed' || outcome?.outcome === 'rejected'
      ? [failedEntry(entry, outcome)]
      : [];
  });
  const id = isSecond ? `${batch}/${part}/final` : `${batch}/${part}`;
  return format({ id, batch, part, counts: countOutcomes(entries) }, failed);
}

/** Returns the summary for entries that were refused because the name of their batch is already used for different content. */
export function formatRefusal(
  { batch, part }: PartKey,
  entries: readonly LedgerEntry[],
  digest: string,
): string {
  const refusal = {
    outcome: 'rejected',
    code: 'batch-exists',
    detail: 'The name of this batch is already used for different content: send it under a new name.',
  } as const;
  const failed = entries.map((entry) => failedEntry(entry, refusal));
  return format(
    { id: `${batch}/${part}/${digest}`, batch, part, counts: { rejected: entries.length } },
    failed,
  );
}

/** Returns the summary for a message that is not a bulk message. */
export function formatRejection(batch: string, { messageId, part, reason }: RejectedMessage): string {
  const message: RejectionMessage = {
    schema: 'simring/results/1',
    id: `${batch}/rejected/${messageId}`,
    batch,
    ...(part === undefined ? {} : { part }),
    counts: {},
    failed: [],
    rejectedMessage: { messageId, code: 'invalid-request', detail: reason },
  };
  return JSON.stringify(message);
}

function failedEntry(
  { entry, ref, user }: LedgerEntry,
  { outcome, code, detail }: { outcome: Outcome['outcome']; code: string; detail: string },
): FailedEntry {
  return { entry, ...(ref === undefined ? {} : { ref }), user, outcome, code, detail };
}

function format(
  subject: { id: string; batch: string; part: number; counts: OutcomeCounts },
  failed: readonly FailedEntry[],
): string {
  const message: ResultsMessage = { schema: 'simring/results/1', ...subject, failed };
  const whole = JSON.stringify(message);
  if (Buffer.byteLength(whole) <= messageLimitBytes) return whole;
  const cut: ResultsMessage = { ...message, truncated: true };
  let roomBytes = messageLimitBytes - bytesOf({ ...cut, failed: [] });
  const fitting = failed.findIndex((entry) => {
    roomBytes -= bytesOf(entry) + 1;
    return roomBytes < 0;
  });
  return JSON.stringify({ ...cut, failed: failed.slice(0, fitting) });
}
