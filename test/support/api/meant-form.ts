import {
  toleratedBegins,
  toleratedEnds,
  toleratedPeriods,
  toleratedRings,
  toleratedTimes,
  toleratedUsers,
} from './any-request.ts';

const meantWords = new Map<string, ReadonlyMap<unknown, unknown>>([
  ['ring', new Map(toleratedRings)],
  ['requestedAt', new Map(toleratedTimes)],
  ['from', new Map(toleratedBegins)],
  ['until', new Map(toleratedEnds)],
  ['activePeriod', new Map(toleratedPeriods)],
  ['user', new Map(toleratedUsers)],
]);

/** The names of an object that is read, as its schema has them. */
export interface Names {
  readonly listed: readonly string[];
  readonly required: readonly string[];
  /** Those that only the app sets, which are taken all the same. */
  readonly own: readonly string[];
}

/**
 * Returns an object as a schema wants it written: what the rows of "Reading input" take is replaced by what they take it
 * for. Undefined where two names mean one property.
 */
export function meantForm(value: unknown, { listed, required, own }: Names): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const meant = new Map<string, unknown>();
  for (const [written, content] of Object.entries(value)) {
    if (written.startsWith('$') || (own.includes(written) && isOwnValue(content))) continue;
    const name = listed.find((one) => one.toLowerCase() === written.toLowerCase()) ?? written;
    if (meant.has(name)) return undefined;
    meant.set(name, meantWord(name, content));
  }
  const isLeftOut = (name: string) => listed.includes(name) && !required.includes(name);
  return Object.fromEntries([...meant].filter(([name, content]) => content !== null || !isLeftOut(name)));
}

function isOwnValue(content: unknown): boolean {
  return content === null || (Number.isInteger(content) && Number(content) >= 0);
}

function meantWord(name: string, content: unknown): unknown {
  if (name === 'ref' && Number.isSafeInteger(content)) return String(content);
  return meantWords.get(name)?.get(content) ?? content;
}
