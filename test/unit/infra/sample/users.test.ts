import { readFile } from 'node:fs/promises';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, it, vi } from 'vitest';
import { readCredentials } from '../../../../infra/cli/credentials/read-credentials.ts';
import { sampleEntries, sampleUsers, usersWithoutSecret } from '../../../../infra/local/sample/users.ts';

const sips = new Set(sampleUsers.map(({ sip }) => sip));
const sipOf = (user: string) => `sip:${user.toLowerCase().replace(/^sip:/, '')}`;
const entriesOf = (sip: string) => sampleEntries.filter(({ user }) => sipOf(user) === sip);
const targets = sampleEntries.flatMap(({ target }) => (target === undefined ? [] : [target]));
const domainOf = (sip: string) => sip.slice(sip.indexOf('@') + 1);

function isValidNumber(target: string): boolean {
  const number = target.replace(/^tel:/, '').replace(/;ext=.*$/, '');
  return parsePhoneNumberFromString(number)?.isValid() ?? false;
}

describe('the sample file of credentials', () => {
  it('has those that are missing in the vault', async () => {
    const file = await readFile(new URL('../../../../infra/local/sample/credentials.csv', import.meta.url));
    const read = readCredentials(file, { sipDomains: undefined, withPasswords: true });
    const rows = sampleUsers.filter(({ sip }) => usersWithoutSecret.includes(sip));
    expect(read.ok && read.value.map(({ user, value }) => [user, JSON.parse(value ?? '')])).toEqual(
      rows.map(({ sip, username, password }) => [sip, { username, password }]),
    );
  });
});

describe('the sample HR file', () => {
  it('has 250 lines, each with its own key', () => {
    expect(sampleEntries).toHaveLength(250);
    expect(new Set(sampleEntries.map(({ ref }) => ref)).size).toBe(250);
  });

  it('is the same at every start', async () => {
    vi.resetModules();
    const again = await import('../../../../infra/local/sample/users.ts');
    expect(again.sampleEntries).not.toBe(sampleEntries);
    expect(again.sampleEntries).toEqual(sampleEntries);
    expect(again.sampleUsers).toEqual(sampleUsers);
  });

  it('has a line for every user on the server', () => {
    const named = new Set(sampleEntries.map(({ user }) => sipOf(user)));
    expect([...sips].filter((sip) => !named.has(sip))).toEqual([]);
  });

  it('has addresses with and without sip:, in lower, mixed and upper case', () => {
    const known = sampleEntries.map(({ user }) => user).filter((user) => sips.has(sipOf(user)));
    expect(known.filter((user) => /^sip:/i.test(user)).length).toBeGreaterThan(50);
    expect(known.filter((user) => user === user.toLowerCase()).length).toBeGreaterThan(50);
    expect(known.filter((user) => user === user.toUpperCase()).length).toBeGreaterThan(30);
  });

  it('rings valid numbers, some with an extension, and colleagues on the server', () => {
    const numbers = targets.filter((target) => !target.startsWith('sip:'));
    const wrong = numbers.filter((target) => !isValidNumber(target));
    expect(wrong.sort()).toEqual(['+1 425 555', '+44 12', 'see business card']);
    expect(
      numbers.filter((target) => target.startsWith('tel:') && target.includes(';ext=')).length,
    ).toBeGreaterThan(5);
    const colleagues = targets.filter((target) => target.startsWith('sip:') && target.length <= 80);
    expect(colleagues.length).toBeGreaterThan(10);
    expect(colleagues.filter((target) => !sips.has(target.toLowerCase()))).toEqual([]);
  });
});

describe('the special cases of the sample HR file', () => {
  it('include targets over 80 characters', () => {
    expect(targets.filter((target) => target.length > 80)).toHaveLength(2);
  });

  it('include users who would ring themselves', () => {
    const own = sampleEntries.filter(
      ({ user, target }) => target !== undefined && sipOf(target) === sipOf(user),
    );
    expect(own).toHaveLength(2);
  });

  it('include users to be turned off, without a target', () => {
    const off = sampleEntries.filter(({ ring }) => ring === 'off');
    expect(off).toHaveLength(5);
    expect(off.every(({ target }) => target === undefined)).toBe(true);
  });

  it('include users with a second line that has another target', () => {
    const twice = [...sips].map(entriesOf).filter((entries) => entries.length > 1);
    expect(twice).toHaveLength(3);
    for (const [first, second, ...more] of twice) {
      expect(second?.target).not.toBe(first?.target);
      expect(isValidNumber(second?.target ?? '')).toBe(true);
      expect(more).toEqual([]);
    }
  });

  it('include users of an unknown domain and text that is not an address', () => {
    const unknown = sampleEntries.map(({ user }) => user).filter((user) => !sips.has(sipOf(user)));
    expect(unknown.filter((user) => /^[^@\s]+@northwind\.example$/.test(user))).toHaveLength(2);
    expect(unknown.filter((user) => !/^(?:sip:)?[^@:\s]+@[^@\s]+$/.test(user))).toHaveLength(3);
    expect(unknown).toHaveLength(5);
  });

  it('include users without Enterprise Voice or without a secret, whose lines are valid otherwise', () => {
    const withoutVoice = sampleUsers.filter(({ enterpriseVoice }) => enterpriseVoice === false);
    expect(withoutVoice).toHaveLength(3);
    expect(usersWithoutSecret).toHaveLength(3);
    for (const sip of [...withoutVoice.map((user) => user.sip), ...usersWithoutSecret]) {
      expect(entriesOf(sip)).toHaveLength(1);
      const target = entriesOf(sip)[0]?.target ?? '';
      expect(isValidNumber(target) || sips.has(target)).toBe(true);
    }
  });
});

describe('the sample users', () => {
  it('belong to three domains and are unique', () => {
    expect(new Set([...sips].map(domainOf))).toEqual(new Set(['contoso.com', 'fabrikam.com', 'adatum.com']));
    expect(sips.size).toBe(sampleUsers.length);
    expect([...sips].filter((sip) => !/^sip:[a-z0-9.'-]+@[a-z.]+$/.test(sip))).toEqual([]);
  });

  it('have unique accounts that Active Directory accepts, with strong passwords', () => {
    expect(new Set(sampleUsers.map(({ username }) => username)).size).toBe(sampleUsers.length);
    expect(new Set(sampleUsers.map(({ password }) => password)).size).toBe(sampleUsers.length);
    for (const { username, password } of sampleUsers) {
      expect(username).toMatch(/^(?:CONTOSO|FABRIKAM|ADATUM)\\[a-z0-9.'-]{1,20}$/);
      expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*!).{18}$/);
    }
  });
});
