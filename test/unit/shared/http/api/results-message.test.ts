import { describe, expect, it } from 'vitest';
import { formatRefusal, formatRejection, formatResults } from '../../../../../shared/ring/batch/summary.ts';
import type { LedgerEntry } from '../../../../../shared/ring/ports/ledger.ts';
import { judgeResponse, schemaPointer } from '../../../../support/api/described.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const key = { batch: 'hr-2026-11-23', part: 3 };
const stored = { user: 'sip:alice@contoso.com', generation: 0, digest: 'abc' };

/** Entries with every outcome that ends one. */
const entries: readonly LedgerEntry[] = [
  { ...stored, entry: 0, outcome: outcomeOf('applied') },
  { ...stored, entry: 1, ref: 'E1', outcome: outcomeOf('rejected', { code: 'invalid-request' }) },
  { ...stored, entry: 2, ref: 'E2', outcome: outcomeOf('failed') },
  { ...stored, entry: 3, outcome: outcomeOf('superseded', { code: 'superseded' }) },
  { ...stored, entry: 4, outcome: outcomeOf('cancelled') },
];
const many = Array.from({ length: 1_000 }, (_, entry) => ({
  ...stored,
  entry,
  outcome: outcomeOf('failed', { detail: 'x'.repeat(200) }),
}));
const rejected = { messageId: 'm-1', reason: '/entires: …', atMs: 0 };

describe('a message of the results queue', () => {
  it.each([
    ['the summary of a part', formatResults(key, entries)],
    ['a summary that is cut to fit', formatResults(key, many)],
    ['the refusal of a name that stands for other content', formatRefusal(key, entries, 'abc')],
    ['the rejection of a message', formatRejection('hr-2026-11-23', rejected)],
    ['the rejection of a message that tells its part', formatRejection('hr', { ...rejected, part: 1 })],
  ])('is as the description of the API has it: %s', (_kind, message) => {
    expect(judgeResponse(schemaPointer('ResultsMessage'), JSON.parse(message))).toEqual([]);
  });
});
