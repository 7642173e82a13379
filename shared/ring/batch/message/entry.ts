import * as z from 'zod';
import { rings } from '../../model/desired-ring.ts';
import {
  ringPropertySchemas,
  timePropertySchemas,
  userSchema,
  wordSchema,
} from '../../model/parse-request.ts';
import { mapNames, type NamedProperties, namesOf, parseProperties } from '../../model/property-names.ts';
import { cutText, detailMaxLength } from '../../model/stored-text.ts';
import type { Subject, Validated } from '../../model/validation.ts';

/** The properties of an entry that only we set. */
export const ownEntryProperties = ['entry', 'attempts', 'unreadable'] as const;

/** The number of an entry in the part as it was first sent. */
export const entryNumberSchema = z.int().min(0).max(999_999);

const numberedSchema = z.object({ entry: entryNumberSchema });

/** Returns the number of an entry in its part: its own `entry` where that is valid, else its index in the message. */
export function entryNumber(raw: unknown, index: number): number {
  const numbered = numberedSchema.safeParse(raw);
  return numbered.success ? numbered.data.entry : index;
}

/** The most characters in the sender's own key of an entry. */
export const refMaxLength = 200;

/** Returns the decimal text of a `ref` that is a whole number. Greater ones have lost digits when the JSON was parsed. */
export function refAsText(ref: unknown): unknown {
  return Number.isSafeInteger(ref) ? String(ref) : ref;
}

const refSchema = z.preprocess(
  refAsText,
  z.string({ error: ({ input }) => (typeof input === 'number' ? refError : undefined) }).max(refMaxLength),
);

const refError = '`ref` must be a text, or a whole number below 2^53: write it in quotes.';

/** More than the settings let an entry have. */
const maxAttemptsRead = 1_000;

/** Earlier attempts that count. */
export const attemptsSchema = z.int().min(0).max(maxAttemptsRead);

/** One entry, as the sender or we wrote it. Only we set `entry`, `attempts` and `unreadable`. */
export const bulkEntrySchema = z.strictObject({
  user: userSchema,
  ring: wordSchema(rings).default('contact'),
  ...ringPropertySchemas,
  ...timePropertySchemas,
  ref: refSchema.optional(),
  /** The number in the part as it was first sent. */
  entry: entryNumberSchema.optional(),
  attempts: attemptsSchema.optional(),
  unreadable: z.string().max(detailMaxLength).optional(),
});

const unreadableSchema = z.object({ unreadable: z.string() });

/** Returns why the row of a file is not an entry that could be worked on; undefined for every other entry. */
export function unreadableReason(raw: unknown): string | undefined {
  const read = unreadableSchema.safeParse(raw);
  return read.success ? cutText(read.data.unreadable, detailMaxLength) : undefined;
}

export type BulkEntry = z.output<typeof bulkEntrySchema>;

/** How issues speak of an entry. */
export const entrySubject: Subject = {
  name: 'The entry',
  form: ' such as {"user": "name@domain", "target": "+1 (425) 555-0123"}',
};

const entryNames = namesOf(bulkEntrySchema, entrySubject, ownEntryProperties);

/** Returns an entry with the names of its properties mapped; what is not an object is returned as it came. */
export function mapEntryNames(raw: unknown): NamedProperties {
  return mapNames(raw, entryNames);
}

/** Reads one entry. Each issue has a pointer and a sentence that repeats no value. */
export function parseBulkEntry(raw: unknown, named = mapEntryNames(raw)): Validated<BulkEntry> {
  return parseProperties(bulkEntrySchema, named, entryNames);
}
