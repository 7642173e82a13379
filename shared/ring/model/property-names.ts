import type * as z from 'zod';
import { isJsonObject } from '../../runtime/json.ts';
import { failed } from '../../runtime/result.ts';
import { issueAt, parseSchema, type Subject, type Validated, type ValidationIssue } from './validation.ts';

/** The names of an object's properties, and how tolerantly each is read. */
export interface PropertyNames {
  /** What a sender may give, in any case. */
  readonly listed: readonly string[];
  /** All names, those that only we set included. */
  readonly all: ReadonlySet<string>;
  /** `null` for one of these is as if it were left out. */
  readonly optional: ReadonlySet<string>;
  readonly byLowerCase: ReadonlyMap<string, string>;
  readonly subject: Subject;
}

/** Returns the names of a schema, which reads `subject`. `ours` are those that only we set: they count only as written, and nobody is told of them. */
export function namesOf(schema: z.ZodObject, subject: Subject, ours: readonly string[] = []): PropertyNames {
  const all = Object.keys(schema.shape);
  const listed = all.filter((name) => !ours.includes(name));
  const isOptional = (name: string) => schema.shape[name]?.safeParse(undefined).success === true;
  return {
    listed,
    all: new Set(all),
    optional: new Set(all.filter(isOptional)),
    subject,
    byLowerCase: new Map(listed.map((name) => [name.toLowerCase(), name])),
  };
}

/** An object with the names that its schema has, and the names of it that are in conflict. */
export interface NamedProperties {
  /** The value as it came where nothing of it is written in another way. */
  readonly value: unknown;
  readonly issues: readonly ValidationIssue[];
}

/**
 * Maps names in another case, leaves out optional properties that are `null`, and those beginning with `$`, which senders'
 * SDKs add. Unknown names stay as they are. A value that is not an object is returned as it came.
 */
export function mapNames(value: unknown, names: PropertyNames): NamedProperties {
  if (!isJsonObject(value) || Object.entries(value).every((property) => isAsWritten(property, names))) {
    return { value, issues: [] };
  }
  const mapped = new Map<string, unknown>();
  const twice = new Set<string>();
  for (const [written, content] of Object.entries(value)) {
    if (written.startsWith('$')) continue;
    const name = knownName(written, names) ?? written;
    if (mapped.has(name)) twice.add(name);
    else mapped.set(name, content);
  }
  const kept = [...mapped].filter(([name, content]) => content !== null || !names.optional.has(name));
  const issues = [...twice].map((name) =>
    issueAt(`/${name}`, `\`${name}\` is given twice, in different cases: leave one of them out.`),
  );
  return { value: Object.fromEntries(kept), issues };
}

/** Reads an object whose names are mapped. Each issue has a pointer and a sentence that repeats no value. */
export function parseProperties<Schema extends z.ZodType>(
  schema: Schema,
  { value, issues }: NamedProperties,
  { listed, all, subject }: PropertyNames,
): Validated<z.output<Schema>> {
  const unlisted = [...all].filter((name) => !listed.includes(name));
  const read = parseSchema(schema, value, { unlisted, subject });
  if (issues.length === 0) return read;
  return failed([...(read.ok ? [] : read.error), ...issues]);
}

function isAsWritten([name, content]: [string, unknown], { all, optional }: PropertyNames): boolean {
  return all.has(name) && (content !== null || !optional.has(name));
}

function knownName(written: string, { all, byLowerCase }: PropertyNames): string | undefined {
  // Other letters have lower-case forms among A–Z too, such as the Kelvin sign.
  return all.has(written) || !/^[A-Za-z]+$/.test(written) ? written : byLowerCase.get(written.toLowerCase());
}
