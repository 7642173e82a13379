import type * as z from 'zod';

/** A mistake in a request: where it stands, by JSON pointer, and how to mend it. */
export interface RequestMistake {
  readonly pointer: string;
  readonly detail: string;
  readonly code: 'invalid-request' | 'target-not-allowed';
}

export type Parsed<T> = { readonly value: T } | { readonly mistakes: readonly RequestMistake[] };

/** One mistake, at the place that a JSON pointer names. */
export function mistakeAt(pointer: string, detail: string): RequestMistake {
  return { pointer, detail, code: 'invalid-request' };
}

/** All mistakes of what was read. */
export function mistakesOf(...parsed: readonly Parsed<unknown>[]): readonly RequestMistake[] {
  return parsed.flatMap((one) => ('mistakes' in one ? one.mistakes : []));
}

/** Adds what else is wrong to what a schema found, where the schema did not speak of the same property. */
export function addMistakes(
  found: readonly RequestMistake[],
  ...others: readonly Parsed<unknown>[]
): readonly RequestMistake[] {
  const told = new Set(found.map(({ pointer }) => pointer));
  if (told.has('')) return found;
  return [...found, ...mistakesOf(...others).filter(({ pointer }) => !told.has(pointer))];
}

/** The mistakes that a schema found, each with its pointer and a sentence. */
export function schemaMistakes(error: z.ZodError): RequestMistake[] {
  return error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    if (unknown.length === 0) return [mistakeAt(pointerTo(issue.path), issue.message)];
    return unknown.map((key) =>
      mistakeAt(pointerTo([...issue.path, key]), 'There is no such property: leave it out.'),
    );
  });
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
