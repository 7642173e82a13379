import fc from 'fast-check';
import type { Alteration } from './altering-proxy.ts';

/**
 * What a server may do to a property that it should send as documented. A value is never replaced by another one of its
 * type that could be true: what a server says wrongly in the right form nobody can tell.
 */
const changes = {
  missing: () => undefined,
  null: () => null,
  'a number': (value: unknown) => (typeof value === 'number' ? String(value) : 7),
  'a boolean': (value: unknown) => (typeof value === 'boolean' ? String(value) : true),
  'another text': () => 'x',
  'an empty text': () => '',
  'a list': (value: unknown) => [value],
  'an empty list': () => [],
  'an object': (value: unknown) => ({ value }),
  'an empty object': () => ({}),
  'upper case': (value: unknown) => (typeof value === 'string' ? value.toUpperCase() : value),
  'lower case': (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value),
  'blanks around it': (value: unknown) => (typeof value === 'string' ? ` ${value} ` : value),
  'a very long text': () => 'x'.repeat(100_000),
} as const;

/** Changes the names of properties, and not their values. */
const renamings = {
  'name in upper case': (name: string) => name.toUpperCase(),
  'name in lower case': (name: string) => name.toLowerCase(),
} as const;

type Change = keyof typeof changes | keyof typeof renamings | 'extra';

/** One property, wherever it stands in a response, and what is wrong with it: in every response, or in the first few. */
export interface RandomAlteration {
  readonly property: string;
  readonly change: Change;
  readonly responses: number;
}

/** Returns what may be wrong with some property of a server's responses. */
export function randomAlterations(properties: readonly string[]): fc.Arbitrary<RandomAlteration> {
  const names = [...Object.keys(changes), ...Object.keys(renamings), 'extra'] as Change[];
  return fc.record({
    property: fc.constantFrom(...properties),
    change: fc.constantFrom(...names),
    responses: fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY),
  });
}

/** Returns an alteration of responses for a proxy. */
export function alterProperty({ property, change, responses }: RandomAlteration): Alteration {
  let left = responses;
  return (response) => {
    if (!response.body.includes(`"${property}"`)) return response;
    left -= 1;
    return left < 0 ? response : { ...response, body: alterBody(response.body, property, change) };
  };
}

function alterBody(body: string, property: string, change: Change): string {
  const altered = JSON.parse(body, (_name, value: unknown) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, property)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.flatMap((entry) => alterEntry(entry, property, change)));
  });
  return JSON.stringify(altered);
}

function alterEntry([name, value]: [string, unknown], property: string, change: Change): [string, unknown][] {
  if (name !== property) return [[name, value]];
  if (change === 'extra')
    return [
      [name, value],
      [`${name}2`, value],
      ['__extra', { [name]: null }],
    ];
  if (change in renamings) return [[renamings[change as keyof typeof renamings](name), value]];
  const changed = changes[change as keyof typeof changes](value);
  return changed === undefined ? [] : [[name, changed]];
}

/** Returns the names of all properties in a JSON text, links included. */
export function propertiesOf(body: string): ReadonlySet<string> {
  const names = new Set<string>();
  JSON.parse(body, (name, value) => {
    if (name !== '' && !/^\d+$/.test(name)) names.add(name);
    return value;
  });
  return names;
}
