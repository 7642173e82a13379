import type { Outcome } from '../model/outcome.ts';
import { countOutcomes, type LedgerEntry, type OutcomeCounts, type PartKey } from '../ports/ledger.ts';
import type { ResultsMessage } from '../ports/queues.ts';
import { messageLimitBytes } from './message.ts';

type Failed = ResultsMessage['failed'][number];

/** The summary of a finished part, with as many of its failures as fit into one message. */
export function formatResults({ batch, part }: PartKey, entries: readonly LedgerEntry[]): string {
  const failed = entries.flatMap((entry) => {
    const { outcome } = entry;
    return outcome?.outcome === 'failed' || outcome?.outcome === 'rejected'
      ? [failedEntry(entry, outcome)]
      : [];
  });
  return format({ id: `${batch}/${part}`, batch, part, counts: countOutcomes(entries) }, failed);
}

/** What the sender of a batch hears whose name stands for other content already: nothing of it was done. */
export function formatRefusal(
  { batch, part }: PartKey,
  entries: readonly LedgerEntry[],
  digest: string,
): string {
  const refusal = {
    outcome: 'rejected',
    code: 'batch-exists',
    detail: 'There is a batch of this name with other content: send this under a new name.',
  } as const;
  const failed = entries.map((entry) => failedEntry(entry, refusal));
  return format(
    { id: `${batch}/${part}/${digest}`, batch, part, counts: { rejected: entries.length } },
    failed,
  );
}

function failedEntry(
  { entry, ref, user }: LedgerEntry,
  { outcome, code, detail }: Pick<Outcome, 'outcome' | 'code' | 'detail'>,
): Failed {
  return {
    entry,
    ...(ref === undefined ? {} : { ref }),
    user,
    outcome,
    ...(code === undefined ? {} : { code }),
    ...(detail === undefined ? {} : { detail }),
  };
}

function format(
  about: { id: string; batch: string; part: number; counts: OutcomeCounts },
  failed: readonly Failed[],
): string {
  const message: ResultsMessage = { schema: 'simring/results/1', ...about, failed };
  const whole = JSON.stringify(message);
  if (Buffer.byteLength(whole) <= messageLimitBytes) return whole;
  const cut: ResultsMessage = { ...message, truncated: true };
  let room = messageLimitBytes - Buffer.byteLength(JSON.stringify({ ...cut, failed: [] }));
  const fitting = failed.findIndex((item) => {
    room -= Buffer.byteLength(JSON.stringify(item)) + 1;
    return room < 0;
  });
  return JSON.stringify({ ...cut, failed: failed.slice(0, fitting) });
}
