import type * as z from 'zod';

/** A mistake in a request: where it stands, by JSON pointer, and how to mend it. */
export interface ValidationIssue {
  readonly pointer: string;
  readonly detail: string;
  readonly code: 'invalid-request' | 'target-not-allowed';
}

export type Parsed<T> = { readonly value: T } | { readonly mistakes: readonly ValidationIssue[] };

/** One mistake, at the place that a JSON pointer names. */
export function issueAt(pointer: string, detail: string): ValidationIssue {
  return { pointer, detail, code: 'invalid-request' };
}

/** All mistakes of what was read. */
export function issuesOf(...parsed: readonly Parsed<unknown>[]): readonly ValidationIssue[] {
  return parsed.flatMap((one) => ('mistakes' in one ? one.mistakes : []));
}

/** A mistake as a sentence that says where it stands; what its sender called a property may be long. */
export function formatIssue({ pointer, detail }: ValidationIssue): string {
  return pointer === '' ? detail : `${pointer.slice(0, 100).toWellFormed()}: ${detail}`;
}

/** Adds what else is wrong to what a schema found, where the schema did not speak of the same property. */
export function mergeIssues(
  found: readonly ValidationIssue[],
  ...others: readonly Parsed<unknown>[]
): readonly ValidationIssue[] {
  const told = new Set(found.map(({ pointer }) => pointer));
  if (told.has('')) return found;
  return [...found, ...issuesOf(...others).filter(({ pointer }) => !told.has(pointer))];
}

/** Reads with a schema; each mistake has its pointer and is told in a sentence that repeats no value. */
export function parseSchema<Form extends z.ZodType>(form: Form, content: unknown): Parsed<z.output<Form>> {
  const read = form.safeParse(content, { error: describeIssue });
  return read.success ? { value: read.data } : { mistakes: schemaIssues(read.error) };
}

function schemaIssues(error: z.ZodError): readonly ValidationIssue[] {
  return error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [];
    if (unknown.length === 0) return [issueAt(pointerTo(issue.path), issue.message)];
    return unknown.map((key) =>
      issueAt(pointerTo([...issue.path, key]), 'There is no such property: leave it out.'),
    );
  });
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Where a schema has a sentence of its own, that one stands. */
function describeIssue(issue: z.core.$ZodRawIssue): string {
  const name = issue.path?.at(-1);
  if (name === undefined) return `This ${describeRequirement(issue)}.`;
  return `\`${String(name)}\` ${issue.input === undefined ? 'is missing' : describeRequirement(issue)}.`;
}

function describeRequirement(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    default:
      return 'is not in its form';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};
