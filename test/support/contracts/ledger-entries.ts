import { expect } from 'vitest';
import {
  type Ledger,
  type LedgerEntry,
  type PartKey,
  transactionSize,
} from '../../../shared/ring/ports/ledger.ts';
import { outcomeOf } from '../ring/outcomes.ts';

/** What entries have in common whose message was delivered for the first time. */
export const firstSeen = { generation: 0, digest: 'abc' };

/** Pending entries, numbered from 0. */
export function entriesOf(count: number): readonly LedgerEntry[] {
  return Array.from({ length: count }, (_, entry) => ({
    entry,
    user: `sip:user-${entry}@contoso.com`,
    ref: `E${entry}`,
    ...firstSeen,
  }));
}

export function applied<Entry extends LedgerEntry>(entry: Entry): Entry {
  return { ...entry, outcome: outcomeOf('applied', { user: entry.user, verified: true }) };
}

/** Writes entries over the stored ones, whatever those are. */
export async function writeAll(ledger: Ledger, key: PartKey, entries: readonly LedgerEntry[]): Promise<void> {
  const etags = new Map((await ledger.readEntries(key)).map(({ entry, etag }) => [entry, etag]));
  for (let start = 0; start < entries.length; start += transactionSize) {
    const chunk = entries
      .slice(start, start + transactionSize)
      .map((entry) => ({ ...entry, etag: etags.get(entry.entry) ?? '' }));
    expect(await ledger.writeEntries(key, chunk)).not.toBe('conflict');
  }
}

/** The entries of a part as they can be compared with those that were written. */
export async function withoutEtags(ledger: Ledger, key: PartKey): Promise<readonly LedgerEntry[]> {
  return (await ledger.readEntries(key)).map(({ etag: _etag, ...entry }) => entry);
}
