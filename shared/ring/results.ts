import { messageLimitBytes } from './bulk-message.ts';
import { countOutcomes, type LedgerEntry, type PartKey } from './ledger.ts';
import type { ResultsMessage } from './queues.ts';

/** The summary of a finished part, with as many of its failures as fit into one message. */
export function formatResults({ batch, part }: PartKey, entries: readonly LedgerEntry[]): string {
  const failures = entries.filter(
    ({ outcome }) => outcome?.outcome === 'failed' || outcome?.outcome === 'rejected',
  );
  const failed: ResultsMessage['failed'][number][] = [];
  const id = `${batch}/${part}`;
  const summary = { schema: 'simring/results/1', id, batch, part, counts: countOutcomes(entries) } as const;
  let bytes = Buffer.byteLength(JSON.stringify({ ...summary, failed: [], truncated: true }));
  for (const { entry, ref, user, outcome } of failures) {
    if (outcome === undefined) continue;
    const { code, detail } = outcome;
    const item = {
      entry,
      ...(ref === undefined ? {} : { ref }),
      user,
      outcome: outcome.outcome,
      ...(code === undefined ? {} : { code }),
      ...(detail === undefined ? {} : { detail }),
    };
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > messageLimitBytes) break;
    failed.push(item);
  }
  const message: ResultsMessage = {
    ...summary,
    failed,
    ...(failed.length < failures.length ? { truncated: true } : {}),
  };
  return JSON.stringify(message);
}
