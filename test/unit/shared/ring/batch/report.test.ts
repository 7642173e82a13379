import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../../../shared/ring/batch/csv/read.ts';
import { validateBulkMessage } from '../../../../../shared/ring/batch/message/message.ts';
import { planMessage } from '../../../../../shared/ring/batch/plan.ts';
import { batchReport } from '../../../../../shared/ring/batch/report.ts';
import type { WantedEntries } from '../../../../../shared/ring/batch/status.ts';
import {
  readCsvUpload,
  readJsonUpload,
  type UploadContent,
} from '../../../../../shared/ring/batch/upload/read-upload.ts';
import { type Outcome, withoutAttempt } from '../../../../../shared/ring/model/outcome.ts';
import type { Validated } from '../../../../../shared/ring/model/validation.ts';
import type { LedgerEntry } from '../../../../../shared/ring/ports/ledger.ts';
import { MemoryLedger } from '../../../../support/ring/memory-ledger.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const header =
  'user,ring,target,ringDelaySeconds,activePeriod,from,until,ref,' +
  'outcome,would,code,detail,verified,previous,previousTarget,warnings,endedAt,part,entry,by,notRead';

async function ledgerOf(parts: readonly (readonly LedgerEntry[])[]) {
  const ledger = new MemoryLedger();
  await ledger.registerBatch('hr', 1);
  for (const [part, entries] of parts.entries()) await ledger.insertEntries({ batch: 'hr', part }, entries);
  return ledger;
}

function entryOf(entry: number, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return { entry, user: 'sip:alice@contoso.com', generation: 0, digest: 'd', ...more };
}

/** Returns the rows of a report below its header. */
async function rowsOf(parts: readonly (readonly LedgerEntry[])[], wanted: WantedEntries = {}) {
  const report = await batchReport(await ledgerOf(parts), 'hr', wanted);
  const [first, ...rows] = (report ?? '').split('\r\n');
  expect(first).toBe(`\uFEFF${header}`);
  expect(rows.pop()).toBe('');
  return rows;
}

/** Returns the rows of the report of an upload, whose messages were read and not worked on. */
async function reportOf(upload: Validated<UploadContent>) {
  if (!upload.ok) throw new Error(JSON.stringify(upload.error));
  return await rowsOf([plannedEntries(upload.value.rows.map(({ entry }) => entry))]);
}

const dryRun: Outcome = {
  ...withoutAttempt('sip:alice@contoso.com', 'c-1'),
  outcome: 'unchanged',
  ring: 'off',
  dryRun: true,
  would: 'apply',
  previous: { ring: 'team' },
};

describe('the report of a batch', () => {
  it.each<[kind: string, outcome: Outcome | undefined, row: string]>([
    ['pending', undefined, ',,,,,,,,pending,,,,,,,,,0,0,,'],
    [
      'applied',
      outcomeOf('applied', {
        ring: 'contact',
        target: 'tel:+14255550123',
        previous: { ring: 'contact', target: 'sip:bob@contoso.com' },
        warnings: [{ code: 'unanswered-lost', detail: 'It was lost, "gone".' }],
        endedAt: '2026-11-23T09:00:01.204Z',
      }),
      ',contact,tel:+14255550123,,,,,,applied,,,,true,contact,sip:bob@contoso.com,"It was lost, ""gone"".",2026-11-23T09:00:01.204Z,0,0,,',
    ],
    [
      'unchanged',
      outcomeOf('unchanged', { ring: 'team', ringDelaySeconds: 7 }),
      ',team,,7,,,,,unchanged,,,,true,,,,,0,0,,',
    ],
    ['a dry run', dryRun, ',off,,,,,,,unchanged,apply,,,,team,,,,0,0,,'],
    [
      'deferred',
      outcomeOf('deferred', { ring: 'off', code: 'busy' }),
      ',off,,,,,,,deferred,,busy,It was refused.,,,,,,0,0,,',
    ],
    [
      'superseded',
      outcomeOf('superseded', { code: 'superseded' }),
      ',,,,,,,,superseded,,superseded,It was refused.,,,,,,0,0,,',
    ],
    ['cancelled', outcomeOf('cancelled'), ',,,,,,,,cancelled,,,It was refused.,,,,,,0,0,,'],
    [
      'failed',
      outcomeOf('failed', { ring: 'delegates' }),
      ',delegates,,,,,,,failed,,ucwa-rejected,It was refused.,,,,,,0,0,,',
    ],
    [
      'rejected',
      outcomeOf('rejected', {
        code: 'invalid-request',
        sent: { target: '=1+2', ringDelaySeconds: '99', from: 'soon' },
      }),
      ",,'=1+2,99,,soon,,,rejected,,invalid-request,It was refused.,,,,,,0,0,,",
    ],
  ])('tells an entry that is %s', async (_kind, outcome, row) => {
    const entry = entryOf(0, outcome === undefined ? {} : { outcome });
    expect(await rowsOf([[entry]])).toEqual([`alice@contoso.com${row}`]);
  });

  it('has all entries in the order in which they were sent, more than a page', async () => {
    const parts = [0, 1, 2].map((part) => Array.from({ length: 700 }, (_, nth) => entryOf(700 * part + nth)));
    const rows = await rowsOf([...parts].map((entries) => entries.toReversed()));
    expect(rows.map((row) => Number(row.split(',').at(-3)))).toEqual(
      Array.from({ length: 2_100 }, (_, nth) => nth),
    );
  });

  it.each([
    [
      'a name that is not known',
      { user: 'a@contoso.com', target: '+442079460997', untill: '2026-12-05T18:00:00Z' },
    ],
    ['a dry run that an entry cannot be', { user: 'a@contoso.com', ring: 'team', dryRun: true }],
    ['what only we say', { user: 'a@contoso.com', ring: 'team', attempts: 1 }],
    ['a list for a user', { user: ['a@contoso.com'], ring: 'team' }],
    ['a text instead of an entry', 'a@contoso.com'],
    ['two targets', { user: 'a@contoso.com', target: '+442079460997', number: '+442079460998' }],
  ])('does not lose what made an entry wrong: %s', async (_what, sent) => {
    const [row = ''] = await reportOf(readJsonUpload({ entries: [sent] }));
    expect(row).toMatch(/,rejected,/);
    const again = await reportOf(readCsvUpload(Buffer.from(`${header}\r\n${row}\r\n`)));
    expect(again[0]).toMatch(/,rejected,.*put it right in the other columns/);
    expect(again[0]?.split(',').at(-1)).toBe(row.split(',').at(-1));
  });

  it('does not lose what a row had too much', async () => {
    const ragged = 'user,target,ref\nalice@contoso.com,+44 20 7946 0999,0018,E1\n';
    const [row = ''] = await reportOf(readCsvUpload(Buffer.from(ragged)));
    expect(row).toMatch(/,rejected,.*,E1$/);
    const mended = row.replace(/,E1$/, ',').replace(',0018,', ',E1,');
    const again = await reportOf(readCsvUpload(Buffer.from(`${header}\r\n${mended}\r\n`)));
    expect(again).toEqual([expect.stringMatching(/^alice@contoso\.com,,.*,E1,pending,/)]);
  });

  it('has only the entries that are wanted', async () => {
    const entries = [
      entryOf(0, { outcome: outcomeOf('applied') }),
      entryOf(1, { outcome: outcomeOf('failed') }),
      entryOf(2, { user: 'sip:bob@contoso.com', outcome: outcomeOf('failed') }),
    ];
    expect(await rowsOf([entries], { outcome: 'failed' })).toHaveLength(2);
    expect(await rowsOf([entries], { outcome: 'failed', user: 'bob' })).toHaveLength(1);
    expect(await rowsOf([entries], { would: 'apply' })).toHaveLength(0);
  });

  it('names the identified caller who submitted it in every row', async () => {
    const ledger = new MemoryLedger();
    const told = { digest: 'd', requestedAtMs: 1, parts: 1, entries: 1, by: 'an-id', ticket: 'a-ticket' };
    await ledger.registerBatch('hr', 1, told);
    await ledger.insertEntries({ batch: 'hr', part: 0 }, [entryOf(0)]);
    const report = await batchReport(ledger, 'hr', {});
    expect(report).toContain(',0,0,an-id');
    expect(report).not.toContain('a-ticket');
  });

  it('is none of a batch that does not exist', async () => {
    expect(await batchReport(new MemoryLedger(), 'hr', {})).toBeUndefined();
  });
});

const sipDomains = ['contoso.com'];
const rules = {
  users: { sipDomains },
  targets: { defaultCountry: undefined, countries: undefined, sipDomains, numbers: 'valid' },
} as const;

/** Returns the entries of a message as the ledger has them. */
function plannedEntries(entries: readonly unknown[]): readonly LedgerEntry[] {
  const message = validateBulkMessage({ schema: 'simring/bulk/1', batch: 'hr', entries });
  if (!message.ok) throw new Error('The message is not valid.');
  return planMessage(message.value, 0, rules, 'c-1').entries;
}

/** Texts of a cell: formulas, quotation marks, delimiters, numbers and any others. No zero byte, which no text file has. */
const cell = fc
  .oneof(
    fc.string({
      minLength: 1,
      unit: fc.constantFrom("'", '=', '+', '-', '@', '"', ',', ';', '\t', '\r', '\n', 'a', '1'),
    }),
    fc.constantFrom('+14255550123', '12345', '=HYPERLINK("http://x")', 'sip:', "'+1", 'soon'),
    fc.string({ minLength: 1, unit: 'grapheme' }),
  )
  .filter((text) => text.trim() !== '' && !text.includes('\0') && text.isWellFormed());

describe('what goes out', () => {
  it('comes in again: rejected rows with what was sent, and no cell is a formula', async () => {
    const sent = fc.record({ user: cell.filter((text) => !/^sip:/.test(text)), target: cell, ref: cell });
    await fc.assert(
      fc.asyncProperty(fc.array(sent, { minLength: 1, maxLength: 20 }), async (entries) => {
        const planned = plannedEntries(entries);
        const wrong = planned
          .filter(({ outcome }) => outcome?.outcome === 'rejected')
          .map(({ entry }) => entry);
        const report = await batchReport(await ledgerOf([planned]), 'hr', { outcome: 'rejected' });
        const cells = parse(report ?? '', { bom: true }).flat();
        expect(cells.filter((text) => /^[=+\-@\t\r]/.test(text))).toEqual([]);
        const read = readCsv(Buffer.from(report ?? ''));
        if (wrong.length === 0) return expect(read.ok ? '' : read.error).toMatch(/no rows below/);
        if (!read.ok) throw new Error(read.error);
        expect(read.value.columns.ignored).toEqual([]);
        expect(read.value.rows.map(({ entry }) => entry)).toEqual(wrong.map((nth) => entries[nth]));
      }),
      { numRuns: 300 },
    );
  });

  it('comes in again as it was understood where it was valid', async () => {
    const entries = [
      { user: 'Alice@contoso.com', target: '+1 (425) 555-0123', ref: '=E1' },
      { user: 'bob@contoso.com', ring: 'team', ringDelaySeconds: 7 },
      { user: 'carol@contoso.com', ring: 'off', ref: "'E2" },
    ];
    const planned = plannedEntries(entries).map((entry, nth) => ({
      ...entry,
      outcome: outcomeOf('failed', {
        ring: 'contact',
        ...[
          { target: 'tel:+14255550123' } as const,
          { ring: 'team', ringDelaySeconds: 7 } as const,
          { ring: 'off' } as const,
        ][nth],
      }),
    }));
    const report = await batchReport(await ledgerOf([planned]), 'hr', {});
    const read = readCsv(Buffer.from(report ?? ''));
    expect(read.ok && read.value.rows.map(({ entry }) => entry)).toEqual([
      { user: 'alice@contoso.com', ring: 'contact', target: 'tel:+14255550123', ref: '=E1' },
      { user: 'bob@contoso.com', ring: 'team', ringDelaySeconds: 7 },
      { user: 'carol@contoso.com', ring: 'off', ref: "'E2" },
    ]);
  });
});
