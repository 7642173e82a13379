import * as z from 'zod';
import { isDeeperThan } from '../../runtime/nested-json.ts';
import { failed, type Result, success } from '../../runtime/result.ts';
import { cutText } from './stored-text.ts';
import { describeUnknown } from './unknown-name.ts';

/** One thing that is wrong with a request: where, as a JSON pointer, and how to correct it. */
export interface ValidationIssue {
  readonly pointer: string;
  readonly detail: string;
  readonly code: 'invalid-request' | 'target-not-allowed';
}

/** A value, or everything that is wrong with what was read. */
export type Validated<T> = Result<T, readonly ValidationIssue[]>;

/** Returns an issue at the place that a JSON pointer names. */
export function issueAt(pointer: string, detail: string): ValidationIssue {
  return { pointer, detail, code: 'invalid-request' };
}

/** Returns the issues of all results that failed. */
export function issuesOf(...results: readonly Validated<unknown>[]): readonly ValidationIssue[] {
  return results.flatMap((result) => (result.ok ? [] : result.error));
}

/** Returns an issue as a sentence that names its place. The pointer is cut, since a sender chose its property names. */
export function formatIssue({ pointer, detail }: ValidationIssue): string {
  return pointer === '' ? detail : `${cutText(pointer, 100)}: ${detail}`;
}

/** Further issues are only counted: a request with thousands must still be told in one text. */
const maxIssuesShown = 10;

/** Returns the first issues as sentences, and how many more there are. */
export function describeIssues(issues: readonly ValidationIssue[]): string {
  const more = issues.length - maxIssuesShown;
  const shown = issues.slice(0, maxIssuesShown).map(formatIssue);
  return [...shown, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}

/** Adds the issues of other checks to those of a schema, except where the schema reported the same property. */
export function mergeIssues(
  found: readonly ValidationIssue[],
  ...others: readonly Validated<unknown>[]
): readonly ValidationIssue[] {
  const reported = new Set(found.map(({ pointer }) => pointer));
  if (reported.has('')) return found;
  return [...found, ...issuesOf(...others).filter(({ pointer }) => !reported.has(pointer))];
}

/** How deep a request may nest objects and lists; the request itself is the first level. No valid one needs more than two. */
export const maxNesting = 20;

/** What a schema reads, as issues speak of it. */
export interface Subject {
  /** Begins a sentence: `The body`. */
  readonly name: string;
  /** Ends the sentence that it must be a JSON object. */
  readonly form: string;
}

/** Refuses content that is nested too deep. What reads it after this may call itself for each level. */
export function checkNesting(content: unknown, { name }: Subject): Validated<unknown> {
  return isDeeperThan(content, maxNesting)
    ? failed([issueAt('', `${name} is nested deeper than ${maxNesting} levels: send plain properties.`)])
    : success(content);
}

/** How issues speak of the names that a schema has. */
interface NameOptions {
  /** What a name stands for; `property` by default. */
  readonly kind?: string;
  /** Names of the schema that a sender is not told of. */
  readonly unlisted?: readonly string[];
  /** What is read; needed where it may be something other than an object. */
  readonly subject?: Subject;
}

const someContent: Subject = { name: 'The content', form: '' };

/** Reads content with a schema. Each issue has a pointer and a sentence that repeats no value. */
export function parseSchema<Schema extends z.ZodType>(
  schema: Schema,
  content: unknown,
  { kind = 'property', unlisted = [], subject = someContent }: NameOptions = {},
): Validated<z.output<Schema>> {
  const read = schema.safeParse(content, { error: (issue) => describeIssue(issue, subject) });
  if (read.success) return success(read.data);
  const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  const known = names.filter((name) => !unlisted.includes(name));
  return failed(read.error.issues.flatMap((issue) => validationIssues(issue, kind, known)));
}

/** The most characters of an unknown name that are shown. */
const maxNameShown = 64;

/** `known` are the names at the top level. */
function validationIssues(
  issue: z.core.$ZodIssue,
  kind: string,
  known: readonly string[],
): readonly ValidationIssue[] {
  if (issue.code !== 'unrecognized_keys') return [issueAt(pointerTo(issue.path), issue.message)];
  const details = describeUnknown(kind, issue.keys, issue.path.length === 0 ? known : []);
  return issue.keys.map((name, index) =>
    issueAt(pointerTo([...issue.path, cutText(name, maxNameShown)]), details[index] ?? issue.message),
  );
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Used where the schema has no message of its own. */
function describeIssue(issue: z.core.$ZodRawIssue, subject: Subject): string {
  const name = issue.path?.at(-1);
  if (name === undefined) return `${subject.name} ${describeRequirement(issue)}${subject.form}.`;
  return `\`${String(name)}\` ${issue.input === undefined ? 'is missing' : describeRequirement(issue)}.`;
}

function describeRequirement(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}${isQuoted(issue) ? ', without quotes' : ''}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    default:
      return 'does not have the expected form';
  }
}

/** True for a text that holds what is expected, which its quotes alone make a text. */
function isQuoted({ input, expected }: { readonly input?: unknown; readonly expected: string }): boolean {
  if (typeof input !== 'string') return false;
  const text = input.trim();
  if (expected === 'boolean') return /^(?:true|false)$/i.test(text);
  return ['number', 'int'].includes(expected) && /^-?\d+(?:\.\d+)?$/.test(text);
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a list',
};
