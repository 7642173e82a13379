import { describe, expect, it } from 'vitest';
import { readCredentials } from '../../../../infra/cli/credentials/read-credentials.ts';

const options = { sipDomains: ['contoso.com'], withPasswords: true };
const read = (text: string) => readCredentials(Buffer.from(text), options);

describe('readCredentials', () => {
  it.each([
    ['commas', 'user,username,password\na@contoso.com,C\\a,p;1'],
    ['semicolons and synonyms', 'E-Mail;Login;PWD\r\na@contoso.com; C\\a ;p;1'.replace('p;1', '"p;1"')],
    ['a separator line', 'sep=;\nupn;account;password\nsip:A@contoso.com;C\\a;"p;1"'],
  ])('reads a file with %s', (_, text) => {
    const value = JSON.stringify({ username: 'C\\a', password: 'p;1' });
    expect(read(text)).toMatchObject({ ok: true, value: [{ user: 'sip:a@contoso.com', value }] });
  });

  it.each([`'=x`, '=x', 'p"q', `'p`])('takes the password %s as it is written', (password) => {
    const text = `user,username,password\na@contoso.com,C\\a,${password}`;
    const value = JSON.stringify({ username: 'C\\a', password });
    expect(read(text)).toMatchObject({ ok: true, value: [{ value }] });
  });

  it.each([
    ['an unknown domain', 'a@other.com,C\\a,SECRET', /^Line 2: The domain other\.com/],
    ['no password', 'a@contoso.com,C\\a,', /^Line 2: The password is empty/],
    ['too many cells', 'a@contoso.com,C\\a,SECRET,SECRET', /^Line 2: The row has 4 cells/],
    ['a blank at the end', 'a@contoso.com,C\\a,SECRET ', /^Line 2: The password begins or ends/],
    ['a line break in a cell', 'a@contoso.com,C\\a,"SECRET\nx"', /^Line 2: The user name or the password/],
    ['an open quotation mark', 'a@contoso.com,C\\a,"SECRET', /from line 2 on/],
    [
      'the same user twice',
      'a@contoso.com,C,SECRET\nA@contoso.com,C,SECRET',
      /^Line 3: The user stands in line 2/,
    ],
  ])('refuses %s with its line, without the password', (_, rows, problem) => {
    const result = read(`user,username,password\n${rows}`);
    expect(result).toEqual({ ok: false, error: [expect.stringMatching(problem)] });
    expect(JSON.stringify(result)).not.toContain('SECRET');
  });

  it('shows no cell of a file without a header', () => {
    const result = read('a@contoso.com,C\\a,SECRET\nb@contoso.com,C\\b,SECRET');
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain('SECRET');
  });
});
