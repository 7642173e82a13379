import { countOutcomes, type LedgerEntry, type OutcomeCounts, type PartRecord } from '../../ports/ledger.ts';

/** Returns the record of a part with what its entries say: their counts, and when the first that waits is due. */
export function countedPart(record: PartRecord, entries: readonly LedgerEntry[]): PartRecord {
  const { nextTryAtMs: _earlier, ...others } = record;
  const nextTryAtMs = firstTryMs(entries);
  return {
    ...others,
    counts: countsOf(record.entries, entries),
    ...(nextTryAtMs === undefined ? {} : { nextTryAtMs }),
  };
}

/** An entry that is missing in the ledger counts as pending: a crash kept it out, and its message comes back. */
function countsOf(announced: number, entries: readonly LedgerEntry[]): OutcomeCounts {
  const counts = countOutcomes(entries);
  const missing = announced - entries.length;
  return missing > 0 ? { ...counts, pending: (counts.pending ?? 0) + missing } : counts;
}

/** Stored with each entry, so that a message that ends its entries need not know when those of others are due. */
function firstTryMs(entries: readonly LedgerEntry[]): number | undefined {
  const times = entries.flatMap(({ outcome }) =>
    outcome !== undefined && 'nextTryAt' in outcome && outcome.nextTryAt !== undefined
      ? [Date.parse(outcome.nextTryAt)]
      : [],
  );
  return times.length === 0 ? undefined : times.reduce((first, ms) => Math.min(first, ms));
}
