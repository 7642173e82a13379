import * as z from 'zod';

/**
 * Reads a stored object with a schema and keeps the rest as it is stored: properties that only a newer version knows, and
 * the order of all of them. An object that is written back unchanged is the same, byte for byte.
 */
export function asStored<Schema extends z.ZodType>(schema: Schema) {
  return z.looseObject({}).and(schema);
}

/** A word from a list that newer versions may extend. Unknown words pass: nothing is decided by it, it is only shown. */
export function shownWord<Word extends string>() {
  return z.custom<Word>((value) => typeof value === 'string');
}
