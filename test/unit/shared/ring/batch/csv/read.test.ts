import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../../../../../shared/ring/batch/csv/read.ts';
import { badFiles, goodFiles } from './files.ts';

describe('reading a CSV file', () => {
  it.each(goodFiles)('takes $name', ({ bytes, entries, lines, ignored = [] }) => {
    const read = readCsv(bytes);
    if (!read.ok) throw new Error(read.error);
    expect(read.value.rows.map(({ entry }) => entry)).toEqual(entries);
    expect(read.value.rows.map(({ line }) => line)).toEqual(lines ?? entries.map((_, index) => index + 2));
    expect(read.value.columns.ignored).toEqual(ignored);
  });

  it.each(badFiles)('refuses $name and says what to do', ({ bytes, says }) => {
    const read = readCsv(bytes);
    expect(read.ok ? '' : read.error).toMatch(says);
  });

  it('names every fault of a header at once', () => {
    const read = readCsv(Buffer.from('traget,mobile,phone\nx,y,z\n'));
    const error = read.ok ? '' : read.error;
    expect(error).toMatch(/no column for the user/);
    expect(error).toMatch(/"mobile" and "phone"/);
    expect(error).toMatch(/"traget"/);
  });

  it('finds the delimiter in the header alone, whatever the cells below hold', () => {
    const read = readCsv(Buffer.from('user,target\na@contoso.com,"+44 20 7946 0018;"\n'));
    expect(read.ok && read.value.rows[0]?.entry['target']).toBe('+44 20 7946 0018;');
    const quoted = readCsv(Buffer.from('"user",target,"a;"" note"\na@contoso.com,+1,x\n'));
    expect(quoted.ok && quoted.value.rows[0]?.entry).toEqual({ user: 'a@contoso.com', target: '+1' });
  });

  it('reads no more rows than are wanted, empty ones not counted', () => {
    const read = readCsv(Buffer.from('user,ring\n\na@contoso.com\n\nb@contoso.com\nc@contoso.com\n'), 2);
    expect(read.ok && read.value.rows.map(({ line }) => line)).toEqual([3, 5]);
  });

  it('reads no stack for a row of another length, and knows its line behind empty ones and line breaks', () => {
    const { stackTraceLimit } = Error;
    const read = readCsv(Buffer.from('user,ring,ref\n\r\n\n"a@\r\nb",off,"\n"\n \nc\n\nd,off'));
    expect(read.ok && read.value.rows.map(({ line }) => line)).toEqual([4, 8, 10]);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  it.each([
    [
      'more cells than a row can have',
      `user,target\na@contoso.com${','.repeat(200_000)}`,
      /line 2 has more than/,
    ],
    ['nothing but blanks', `user,target\n${' \n'.repeat(1_000_001)}`, /rows of blanks alone: delete them/],
  ])('refuses a file with %s', (_what, text, words) => {
    const read = readCsv(Buffer.from(text));
    expect(read.ok ? '' : read.error).toMatch(words);
  });

  it('refuses a row that takes in a megabyte', () => {
    const row = '"a@contoso.com,+14255550123\n';
    const read = readCsv(Buffer.from(`user,target\n${row}${row.slice(1).repeat(50_000)}"`));
    expect(read.ok ? '' : read.error).toMatch(/^A row near line \d+ has more than 1 MiB: a quotation mark/);
  });

  it('reads any bytes as rows, or refuses them in sentences', () => {
    const words = fc.constantFrom(
      'user',
      'target',
      ',',
      ';',
      '\t',
      '"',
      '\r\n',
      '\n',
      '\r',
      'sep=',
      "'",
      'é',
      'a@b',
    );
    const text = fc.array(fc.oneof(words, fc.string())).map((parts) => Buffer.from(parts.join('')));
    const bytes = fc.uint8Array({ maxLength: 200 });
    const marked = fc.tuple(
      fc.constantFrom([0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0x50, 0x4b]),
      bytes,
    );
    const file = fc.oneof(
      text,
      bytes,
      marked.map(([mark, rest]) => Uint8Array.from([...mark, ...rest])),
      text.map((some) => Buffer.from(some.toString('utf8'), 'utf16le')),
    );
    fc.assert(
      fc.property(file, (some) => {
        const read = readCsv(some);
        if (read.ok) expect(read.value.rows.length).toBeGreaterThan(0);
        else expect(read.error).toMatch(/^[A-Z].*[.]$/su);
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the columns with the names that the file has for them', () => {
    const read = readCsv(Buffer.from('E-Mail , Mobile\na@contoso.com,x\n'));
    expect(read.ok && [...read.value.columns.names]).toEqual([
      ['user', 'E-Mail'],
      ['target', 'Mobile'],
    ]);
  });
});

describe('a row that cannot be trusted', () => {
  const unreadable = (text: string) => {
    const read = readCsv(Buffer.from(text));
    if (!read.ok) throw new Error(read.error);
    return read.value.rows.map(({ line, entry }) => [line, typeof entry['unreadable']]);
  };

  it('is one with more cells than the header', () => {
    const text = 'user,target\na@contoso.com,+1,x\nb@contoso.com,+2\n';
    expect(unreadable(text)).toEqual([
      [2, 'string'],
      [3, 'undefined'],
    ]);
  });

  it.each([
    [
      'in the first cell',
      'name,user,target\n"Al,a@contoso.com,+1\nBo",b@contoso.com,+2\nC,c@contoso.com,+3\n',
    ],
    [
      'in the last cell',
      'user,target,name\na@contoso.com,+1,"Al\nb@contoso.com,+2,Bo"\nc@contoso.com,+3,C\n',
    ],
    [
      'that ends in an earlier cell',
      'user,target,name\na@contoso.com,+1,"Al\nb@contoso.com,+2",Bo\nc@contoso.com,+3,C\n',
    ],
    [
      'that ends in a later cell',
      'name,user,target\n"Al,a@contoso.com,+1\nBo,b@contoso.com",+2\nC,c@contoso.com,+3\n',
    ],
    [
      'that ends in the middle of a cell',
      'name,user,target\n"Al,a@contoso.com,+1\nBo "B" x,b@contoso.com,+2\nC,c@contoso.com,+3\n',
    ],
  ])('is one with a quotation mark %s that swallows the next row', (_where, text) => {
    expect(unreadable(text)).toEqual([
      [2, 'string'],
      [4, 'undefined'],
    ]);
  });

  it('is not one with a line break in a cell, which is judged as in JSON', () => {
    const text = 'user,target,note\na@contoso.com,"+1 425\n555 0123","Moved,\nleft"\n';
    expect(unreadable(text)).toEqual([[2, 'undefined']]);
    expect(unreadable('user,ring\n"a@contoso.com\n",off\n')).toEqual([[2, 'undefined']]);
  });
});
