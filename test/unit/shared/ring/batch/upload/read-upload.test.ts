import { describe, expect, it } from 'vitest';
import { readCsvUpload, readJsonUpload } from '../../../../../../shared/ring/batch/upload/read-upload.ts';

const entry = { user: 'alice@contoso.com', target: '+14255550123' };

function rowsOf(content: unknown) {
  const read = readJsonUpload(content);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value.rows.map((row) => row.entry);
}

function issuesOf(content: unknown) {
  const read = readJsonUpload(content);
  return read.ok ? [] : read.error.map(({ pointer, detail }) => [pointer, detail]);
}

describe('an upload in JSON', () => {
  it('is a bulk message that needs neither schema nor name', () => {
    const told = { source: 'workday', requestedAt: '2026-11-23T09:00:00Z', dryRun: true };
    const read = readJsonUpload({ batch: 'hr', ...told, entries: [entry] });
    expect(read).toMatchObject({
      ok: true,
      value: { batch: 'hr', source: 'workday', requestedAtMs: Date.parse(told.requestedAt), dryRun: true },
    });
    expect(rowsOf({ schema: 'simring/bulk/1', entries: entry })).toEqual([entry]);
    expect(rowsOf({ Entries: entry })).toEqual([entry]);
  });

  it.each([
    ['null', { user: 'alice@contoso.com', target: '+14255550123', ref: null, attempts: null }],
    ['what an SDK adds', { $type: 'Entry', $id: '7', user: 'alice@contoso.com', target: '+14255550123' }],
    ['other cases', { User: 'alice@contoso.com', TARGET: '+14255550123' }],
  ])('has the same entries with %s', (_form, sent) => {
    expect(rowsOf({ part: null, parts: null, hop: null, entries: [sent] })).toEqual([entry]);
  });

  it('names everything that is wrong at once', () => {
    const all = { part: 0, parts: 2, hop: 1, deferrals: 1, entry: 3, attempts: 2, unreadable: 'x' };
    const issues = issuesOf({ ...all, batch: 'x'.repeat(61), sourse: 'a', entries: [] });
    expect(issues).toEqual([
      ...Object.keys(all).map((name) => [`/${name}`, expect.stringContaining('is not for senders')]),
      ['/batch', expect.stringContaining('at most 60 characters')],
      ['/entries', expect.stringContaining('at least one entry')],
      ['/sourse', expect.stringContaining('did you mean `source`?')],
    ]);
  });

  it.each([undefined, null, [], 'text', 7, {}, { entries: 'x' }])('is not %j', (content) => {
    expect(issuesOf(content)).not.toEqual([]);
  });

  it.each([
    ['is not an object', 'text', { notRead: '"text"', unreadable: 'An entry must be a JSON object.' }],
    [
      'says what only we say',
      { ...entry, entry: 7, attempts: 1 },
      {
        ...entry,
        notRead: '{"entry":7,"attempts":1}',
        unreadable: '`entry`, `attempts` are not for senders: leave them out.',
      },
    ],
    [
      'is too large',
      { ...entry, ref: 'E1', note: 'x'.repeat(5_000) },
      {
        ...entry,
        ref: 'E1',
        notRead: expect.stringMatching(/^\{"note":"x{200,}/),
        unreadable: 'This entry has more than 4 KiB: shorten it.',
      },
    ],
    [
      'has a text that is too long',
      { user: 'x'.repeat(5_000), ringDelaySeconds: 7, target: ['y'] },
      {
        user: 'x'.repeat(300),
        ringDelaySeconds: '7',
        notRead: '{"target":["y"]}',
        unreadable: 'This entry has more than 4 KiB: shorten it.',
      },
    ],
  ])('keeps what is known of an entry that %s, with the reason', (_what, sent, kept) => {
    expect(rowsOf({ entries: [sent] })).toEqual([kept]);
  });

  it('is read no further than one entry past the limit', () => {
    expect(rowsOf({ entries: Array.from({ length: 100_005 }, () => 1) })).toHaveLength(100_001);
  });
});

describe('an upload in CSV', () => {
  it('tells lines, ignored columns and the names of its own columns', () => {
    const read = readCsvUpload(Buffer.from('E-Mail;Mobile;Office\n\na@contoso.com;+14255550123;7\n'));
    if (!read.ok) throw new Error('The file is valid.');
    const { rows, columnOf, ignoredColumns } = read.value;
    expect(rows).toEqual([{ line: 3, entry: { user: 'a@contoso.com', target: '+14255550123' } }]);
    expect([columnOf('user'), columnOf('target'), columnOf('ref')]).toEqual(['E-Mail', 'Mobile', 'ref']);
    expect(ignoredColumns).toEqual(['Office']);
  });

  it('keeps what is known of a row that is too large', () => {
    const read = readCsvUpload(Buffer.from(`user,target,ref\na@contoso.com,${'9'.repeat(5_000)},E1\n`));
    expect(read.ok && read.value.rows).toEqual([
      {
        line: 2,
        entry: {
          user: 'a@contoso.com',
          target: '9'.repeat(300),
          ref: 'E1',
          unreadable: expect.stringContaining('4 KiB'),
        },
      },
    ]);
  });

  it('is read no further than one row past the limit', () => {
    const read = readCsvUpload(Buffer.from(`user,ring\n${'x\n'.repeat(100_005)}`));
    expect(read.ok && read.value.rows.length).toBe(100_001);
  });

  it('has no names compared in an entry that is too large', () => {
    const names = Array.from({ length: 200_000 }, (_, nth) => [`usr${nth}`, 1]);
    const read = readJsonUpload({ entries: [{ user: 'a@contoso.com', ...Object.fromEntries(names) }] });
    expect(read.ok && read.value.rows).toEqual([
      {
        entry: {
          user: 'a@contoso.com',
          notRead: expect.stringMatching(/^.{1,300}$/),
          unreadable: expect.stringContaining('4 KiB'),
        },
      },
    ]);
  });

  it('is refused as a whole where it cannot be read', () => {
    const read = readCsvUpload(Buffer.from('name\nx\n'));
    expect(read).toMatchObject({ ok: false, error: [{ pointer: '', code: 'invalid-request' }] });
  });
});
