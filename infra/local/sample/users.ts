import { createHash } from 'node:crypto';
import { type Domain, domains, names } from './names.ts';
import {
  corrections,
  invalidLines,
  invalidTargets,
  turnedOff,
  withoutEnterpriseVoice,
  withoutSecret,
} from './special-cases.ts';
import { extensionFor, numberFor } from './targets.ts';

/** A line of the HR file, with the user and the target as they were typed. */
export interface SampleEntry {
  readonly user: string;
  readonly ring?: 'contact' | 'off';
  readonly target?: string;
  readonly ref: string;
}

/** A user on the server, with the account to sign in with. */
export interface SampleUser {
  readonly sip: string;
  readonly username: string;
  readonly password: string;
  readonly enterpriseVoice?: false;
}

type Employee = {
  readonly name: string;
  readonly domain: Domain;
  readonly nth: number;
  readonly sip: string;
};
type Line = Omit<SampleEntry, 'ref'>;

const employees: readonly Employee[] = domains.flatMap((domain) =>
  names[domain].map((name, nth) => ({
    name,
    domain,
    nth,
    sip: `sip:${localPart(name).toLowerCase()}@${domain}`,
  })),
);

/** All users on the server. The passwords are fictitious and the same at every start. */
export const sampleUsers: readonly SampleUser[] = employees.map(({ name, domain, sip }) => ({
  sip,
  username: `${domain.replace('.com', '').toUpperCase()}\\${localPart(name).toLowerCase().slice(0, 20)}`,
  password: passwordFor(sip),
  ...(withoutEnterpriseVoice.includes(sip) ? { enterpriseVoice: false } : {}),
}));

/** The addresses of the users whose credential is not in the vault. */
export const usersWithoutSecret: readonly string[] = withoutSecret;

/** The HR file of a move: 250 lines, the same at every start, with the typical errors of real files. */
export const sampleEntries: readonly SampleEntry[] = [
  ...withInvalidLines(inFileOrder(employees).map(lineFor)),
  ...corrections.map((line): Line => ({ ...line, ring: 'contact' })),
].map((line, index) => ({ ...line, ref: `E${1001 + index}` }));

/** The domains alternate, as in a list that is sorted by the day of the move. */
function inFileOrder(all: readonly Employee[]): Employee[] {
  return all.toSorted((a, b) => a.nth - b.nth || domains.indexOf(a.domain) - domains.indexOf(b.domain));
}

function lineFor(employee: Employee): Line {
  const user = spell(employee);
  if (turnedOff.includes(employee.sip)) return { user, ring: 'off' };
  const target = invalidTargets[employee.sip] ?? targetFor(employee);
  return employee.nth % 2 === 0 ? { user, target } : { user, ring: 'contact', target };
}

function targetFor({ domain, nth }: Employee): string {
  if (nth % 19 === 5) return extensionFor(domain, nth);
  const colleague = nth % 13 === 7 ? names[domain][nth - 1] : undefined;
  return colleague === undefined
    ? numberFor(domain, nth)
    : `sip:${localPart(colleague).toLowerCase()}@${domain}`;
}

function spell({ name, domain, nth, sip }: Employee): string {
  const mixedCase = `${localPart(name)}@${domain}`;
  const spellings = [mixedCase, sip, mixedCase.toLowerCase(), `sip:${mixedCase}`, mixedCase.toUpperCase()];
  return spellings[nth % spellings.length] ?? sip;
}

/** Inserts an invalid line after every forty lines, the first after twenty. */
function withInvalidLines(lines: readonly Line[]): Line[] {
  return lines.flatMap((line, index) => {
    const invalid = index % 40 === 19 ? invalidLines[Math.floor(index / 40)] : undefined;
    return invalid === undefined ? [line] : [line, { ...invalid, ring: 'contact' }];
  });
}

function localPart(name: string): string {
  return name.replaceAll(' ', '.');
}

function passwordFor(sip: string): string {
  const letters = createHash('sha256').update(`sample password of ${sip}`).digest('base64url');
  return `${letters.slice(0, 8)}!${letters.slice(8, 14)}7aQ`;
}
