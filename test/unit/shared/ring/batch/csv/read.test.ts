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

  it('is one whose address goes on in the next line', () => {
    expect(unreadable('user,target\n"a@contoso.com\nx",+1\n')).toEqual([[2, 'string']]);
  });
});
