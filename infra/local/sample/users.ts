import { createHash } from 'node:crypto';
import { type Domain, domains, names } from './names.ts';
import {
  corrections,
  strayLines,
  turnedOff,
  withoutEnterpriseVoice,
  withoutSecret,
  wrongTargets,
} from './special-cases.ts';
import { extensionFor, numberFor } from './targets.ts';

/** A line of the HR file, with the user and the target as people write them. */
export interface SamplePerson {
  readonly user: string;
  readonly ring?: 'contact' | 'off';
  readonly target?: string;
  readonly ref: string;
}

/** A person who exists on the server, with the account to sign in as. */
export interface SampleUser {
  readonly sip: string;
  readonly username: string;
  readonly password: string;
  readonly enterpriseVoice?: false;
}

type Person = { readonly name: string; readonly domain: Domain; readonly nth: number; readonly sip: string };
type Line = Omit<SamplePerson, 'ref'>;

const people: readonly Person[] = domains.flatMap((domain) =>
  names[domain].map((name, nth) => ({
    name,
    domain,
    nth,
    sip: `sip:${localPart(name).toLowerCase()}@${domain}`,
  })),
);

/** Everyone on the server. The passwords are made up, the same at every start. */
export const sampleUsers: readonly SampleUser[] = people.map(({ name, domain, sip }) => ({
  sip,
  username: `${domain.replace('.com', '').toUpperCase()}\\${localPart(name).toLowerCase().slice(0, 20)}`,
  password: passwordFor(sip),
  ...(withoutEnterpriseVoice.includes(sip) ? { enterpriseVoice: false } : {}),
}));

/** The addresses of those on the server whose credential is not in the vault. */
export const peopleWithoutSecret: readonly string[] = withoutSecret;

/** The HR file of a move: 250 lines, the same at every start, a few of them wrong in every way that real ones are. */
export const sampleEntries: readonly SamplePerson[] = [
  ...withStrayLines(inFileOrder(people).map(lineFor)),
  ...corrections.map((line): Line => ({ ...line, ring: 'contact' })),
].map((line, index) => ({ ...line, ref: `E${1001 + index}` }));

/** The offices take turns, as they do in a list that is sorted by the day of the move. */
function inFileOrder(all: readonly Person[]): Person[] {
  return all.toSorted((a, b) => a.nth - b.nth || domains.indexOf(a.domain) - domains.indexOf(b.domain));
}

function lineFor(person: Person): Line {
  const user = spell(person);
  if (turnedOff.includes(person.sip)) return { user, ring: 'off' };
  const target = wrongTargets[person.sip] ?? targetFor(person);
  return person.nth % 2 === 0 ? { user, target } : { user, ring: 'contact', target };
}

function targetFor({ domain, nth }: Person): string {
  if (nth % 19 === 5) return extensionFor(domain, nth);
  const colleague = nth % 13 === 7 ? names[domain][nth - 1] : undefined;
  return colleague === undefined
    ? numberFor(domain, nth)
    : `sip:${localPart(colleague).toLowerCase()}@${domain}`;
}

function spell({ name, domain, nth, sip }: Person): string {
  const asOnTheDoor = `${localPart(name)}@${domain}`;
  const spellings = [
    asOnTheDoor,
    sip,
    asOnTheDoor.toLowerCase(),
    `sip:${asOnTheDoor}`,
    asOnTheDoor.toUpperCase(),
  ];
  return spellings[nth % spellings.length] ?? sip;
}

/** One after every forty lines, the first after twenty. */
function withStrayLines(lines: readonly Line[]): Line[] {
  return lines.flatMap((line, index) => {
    const stray = index % 40 === 19 ? strayLines[Math.floor(index / 40)] : undefined;
    return stray === undefined ? [line] : [line, { ...stray, ring: 'contact' }];
  });
}

function localPart(name: string): string {
  return name.replaceAll(' ', '.');
}

function passwordFor(sip: string): string {
  const letters = createHash('sha256').update(`sample password of ${sip}`).digest('base64url');
  return `${letters.slice(0, 8)}!${letters.slice(8, 14)}7aQ`;
}
