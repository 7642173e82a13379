import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSecretValue } from '../../../../shared/azure/secret-value.ts';

const doubled = /backslash of the user name must be doubled.*"DOMAIN\\\\user"/;
const inForm = /^Set it again as \{"username": "DOMAIN\\\\user", "password": "…"\}\.$/;

describe('the value of a secret', () => {
  it.each([
    [String.raw`{"username":"CONTOSO\\bob","password":"p"}`, { username: 'CONTOSO\\bob', password: 'p' }],
    [
      '{"username":" bob@contoso.com\\r\\n","password":" p "}',
      { username: 'bob@contoso.com', password: ' p ' },
    ],
    ['\ufeff{"username":"\u00a0bob\u2003","password":"p","setBy":"HR"}', { username: 'bob', password: 'p' }],
  ])('%s is read, with white space around the user name removed', (text, expected) => {
    expect(readSecretValue(text)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['', 'is empty', inForm],
    ['hunter2', 'is plain text, not JSON', inForm],
    [String.raw`CONTOSO\alice`, 'is plain text, not JSON', inForm],
    ['{"username":"bob","password":"hunter2"', 'is not valid JSON', inForm],
    [
      String.raw`{"username":"CONTOSO\alice","password":"hunter2"}`,
      'a backslash in it is not doubled',
      doubled,
    ],
    [
      String.raw`{"username":"CONTOSO\\x\ulrich","password":"hunter2"}`,
      'a backslash in it is not doubled',
      doubled,
    ],
    [
      String.raw`{"username":"CONTOSO\bob","password":"hunter2"}`,
      'a control character in its username',
      doubled,
    ],
    [
      String.raw`{"username":"CONTOSO\nora","password":"hunter2"}`,
      'a control character in its username',
      doubled,
    ],
    [
      String.raw`{"username":"CONTOSO\t","password":"hunter2"}`,
      'a control character in its username',
      doubled,
    ],
    [String.raw`{"username":"bob","password":"hunter2\t"}`, 'a control character in its password', doubled],
    [String.raw`{"username":"A\fred","password":"\u0000"}`, 'in its username and its password', doubled],
    ['["bob","hunter2"]', 'is not a JSON object', inForm],
    ['"hunter2"', 'is not a JSON object', inForm],
    ['null', 'is not a JSON object', inForm],
    ['{"Username":"bob","password":"hunter2"}', 'lacks the text username', inForm],
    ['{"username":"  ","password":"hunter2"}', 'lacks the text username', inForm],
    ['{"username":"bob","password":7}', 'lacks the text password', inForm],
    ['{}', 'lacks the text username and the text password', inForm],
  ])('%s is refused, saying why and what to do, without showing any of it', (text, problem, remedy) => {
    const read = readSecretValue(text);
    if (read.ok) throw new Error('It was read.');
    expect(read.error.problem).toContain(problem);
    expect(read.error.remedy).toMatch(remedy);
    expect(JSON.stringify(read.error)).not.toMatch(/hunter2|CONTOSO|bob/);
  });

  it('is read if JSON wrote it, and refused if its backslash was not doubled', () => {
    // Where four hexadecimal digits follow a u, a single backslash makes a letter of any script.
    const account = fc
      .stringMatching(/^[A-Za-z0-9.$_-]{2,12}$/)
      .filter((name) => !/^u[0-9a-f]{4}/i.test(name));
    fc.assert(
      fc.property(account, account, fc.string({ minLength: 1 }), (domain, name, password) => {
        const username = `${domain}\\${name}`;
        const written = readSecretValue(JSON.stringify({ username, password }));
        expect(written.ok).toBe(!/\p{Cc}/u.test(password));
        if (written.ok) expect(written.value).toEqual({ username, password });
        expect(readSecretValue(`{"username":"${username}","password":"p"}`).ok).toBe(false);
      }),
    );
  });
});
