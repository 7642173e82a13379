import type * as z from 'zod';

/** A JSON Schema of draft 2020-12, the dialect of OpenAPI 3.1. */
export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The names of all properties that some variant of a type has. */
type NameOf<T> = T extends unknown ? keyof T & string : never;

/** `yes` for each variant that always has the property, else `no`. */
type HasAlways<T, Name extends string> = T extends unknown
  ? Name extends keyof T
    ? Record<never, never> extends Pick<T, Name>
      ? 'no'
      : 'yes'
    : 'no'
  : never;

type OptionalOf<T> = {
  [Name in NameOf<T>]: 'no' extends HasAlways<T, Name> ? Name : never;
}[NameOf<T>];

/** A schema for each property that every value of the type has. */
export type Always<T> = Readonly<Record<Exclude<NameOf<T>, OptionalOf<T>>, JsonSchema>>;

/** A schema for each property that some values of the type have. */
export type Sometimes<T> = Readonly<Record<OptionalOf<T>, JsonSchema>>;

/** Returns the schema of an object of a type: the compiler asks for a schema of each of its properties, and for no other. */
export function objectOf<T>(description: string, always: Always<T>, sometimes: Sometimes<T>): JsonSchema {
  return {
    type: 'object',
    description,
    required: Object.keys(always),
    properties: { ...always, ...sometimes },
  };
}

/** Returns the schema of a text. */
export function text(description: string): JsonSchema {
  return { type: 'string', description };
}

/** Returns the schema of a text that is one of some words. */
export function word(words: readonly string[], description: string): JsonSchema {
  return { type: 'string', enum: [...words], description };
}

/** Returns the schema of a time as responses show it. */
export function time(description: string): JsonSchema {
  return { type: 'string', format: 'date-time', description };
}

/** The schema of the identified caller. */
export function callerIdOf(request: string): JsonSchema {
  return text(
    `The identified caller of ${request}: the object id of a person, or the id of an application. Absent with function keys.`,
  );
}

/** Returns the schema of a number that counts something, or numbers it from 0. */
export function count(description: string): JsonSchema {
  return { type: 'integer', minimum: 0, description };
}

/** Returns the schema of a property that is present only where it is `true`. */
export function onlyTrue(description: string): JsonSchema {
  return { type: 'boolean', const: true, description };
}

/** Returns the schema of a list. */
export function listOf(items: JsonSchema, description: string): JsonSchema {
  return { type: 'array', items, description };
}

/** Returns a reference to a schema of the description. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
