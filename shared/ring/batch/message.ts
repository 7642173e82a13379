import * as z from 'zod';
import { formatJson } from '../../runtime/nested-json.ts';
import { failed, type Result, success } from '../../runtime/result.ts';
import { rings } from '../model/desired-ring.ts';
import { addressMaxLength, ringPropertySchemas } from '../model/parse-request.ts';
import { detailMaxLength } from '../model/stored-text.ts';
import { checkNesting, parseSchema, type Validated } from '../model/validation.ts';
import { decodeContent } from './content.ts';
import { describeProperties, type UnreadableMessage } from './unreadable-message.ts';

export const bulkSchema = 'simring/bulk/1';

/** The name of a batch: it stands in URLs and in the keys of tables. */
export const batchNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'The name of a batch must be 1 to 64 of A–Z a–z 0–9 . _ -, the first a letter or digit.',
  );

const entryNumberSchema = z.object({ entry: z.int().min(0).max(999_999) });

/** Returns the number of an entry in its part: its own `entry` where that is valid, else its index in the message. */
export function entryNumber(raw: unknown, index: number): number {
  const numbered = entryNumberSchema.safeParse(raw);
  return numbered.success ? numbered.data.entry : index;
}

function haveDistinctNumbers(entries: readonly unknown[]): boolean {
  return new Set(entries.map(entryNumber)).size === entries.length;
}

/** The most parts that a batch may have. */
export const maxParts = 100_000;

/** The highest generation that a message may have: one that has reached it is not requeued. */
export const maxGeneration = 100_000;

const requestedAtError = '`requestedAt` must be a time with its zone, such as 2026-11-23T09:00:00Z.';

const earliestMs = Date.parse('0000-01-01T00:00:00Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Requeued messages carry the time in UTC: there it must have a year of four digits, or we could not read it again. */
function isInFourDigitYears(requestedAt: string): boolean {
  const ms = Date.parse(requestedAt);
  return Number.isNaN(ms) || (ms >= earliestMs && ms <= latestMs);
}

const requestedAtSchema = z.iso
  .datetime({ offset: true, error: requestedAtError })
  .refine(isInFourDigitYears, requestedAtError);

/** The most characters of what a sender says of itself. */
export const sourceMaxLength = 100;

const envelopeSchema = z.strictObject({
  schema: z.literal(bulkSchema),
  batch: batchNameSchema,
  part: z.int().min(0).lt(maxParts).default(0),
  parts: z.int().min(1).max(maxParts).optional(),
  source: z.string().max(sourceMaxLength).optional(),
  requestedAt: requestedAtSchema.optional(),
  dryRun: z.boolean().default(false),
  deferrals: z.int().min(0).max(maxGeneration).default(0),
  hop: z.int().min(0).max(maxGeneration).default(0),
  entries: z
    .array(z.unknown())
    .min(1, 'A message needs at least one entry.')
    .refine(haveDistinctNumbers, 'Two entries have the same number.'),
});

/**
 * One message as it is sent. Only we set `deferrals` and `hop`. Entries are read one by one, so a wrong one stops no
 * other. Version 0.1 took any part, so what it requeued is read whatever its part.
 */
const bulkMessageSchema = envelopeSchema.refine(
  ({ part, parts = 0, hop }) => parts < 1 || part < parts || hop > 0,
  { path: ['part'], error: '`part` must be less than `parts`: the first part is 0.' },
);

type BulkMessageInput = z.input<typeof bulkMessageSchema>;

/** One message of a batch. Its `generation`, `hop` on the wire, counts requeues. */
export interface BulkMessage extends Omit<z.output<typeof bulkMessageSchema>, 'hop'> {
  readonly generation: number;
}

/** A message to send: properties with a default may be left out. */
export interface BulkMessageToSend extends Omit<BulkMessageInput, 'entries' | 'hop'> {
  readonly generation?: number;
  readonly entries: readonly unknown[];
}

/** Properties of a message or of an entry that only we set. */
export const ownProperties = ['hop', 'deferrals', 'entry', 'attempts', 'unreadable'];

/** The properties that a sender may give a bulk message. */
const bulkProperties = Object.keys(envelopeSchema.shape).filter((name) => !ownProperties.includes(name));

/** The most characters in the sender's own key of an entry. */
export const refMaxLength = 200;

/** More than the settings let an entry have. */
const maxAttemptsRead = 1_000;

/** One entry, as the sender or we wrote it. Only we set `entry`, `attempts` and `unreadable`. */
const bulkEntrySchema = z.strictObject({
  user: z.string().min(1).max(addressMaxLength),
  ring: z.enum(rings).default('contact'),
  ...ringPropertySchemas,
  ref: z.string().max(refMaxLength).optional(),
  /** The number in the part as it was first sent. */
  entry: entryNumberSchema.shape.entry.optional(),
  /** Earlier attempts that count. */
  attempts: z.int().min(0).max(maxAttemptsRead).optional(),
  /** Why the row of a file is no entry that could be worked on. */
  unreadable: z.string().max(detailMaxLength).optional(),
});

export type BulkEntry = z.output<typeof bulkEntrySchema>;

/** Reads one entry. Each issue has a pointer and a sentence that repeats no value. */
export function parseBulkEntry(raw: unknown): Validated<BulkEntry> {
  return parseSchema(bulkEntrySchema, raw, { unlisted: ownProperties });
}

/** Reads a message as the queue delivered it; see {@link decodeContent} for the forms it may have. */
export function parseBulkMessage(content: unknown): Result<BulkMessage, UnreadableMessage> {
  const decoded = decodeContent(content);
  if (decoded === undefined) return failed({ reasons: [`/: ${notJson}`], detail: notJson });
  const read = validateBulkMessage(decoded);
  return read.ok ? read : failed({ ...describeProperties(read.error, names), ...placeOf(decoded) });
}

const names = { all: Object.keys(envelopeSchema.shape), listed: bulkProperties };

/** Reads a message from its JSON value; each issue points at what is wrong. */
export function validateBulkMessage(value: unknown): Validated<BulkMessage> {
  const nesting = checkEnvelopeNesting(value);
  const read = nesting.ok ? parseSchema(bulkMessageSchema, value, { unlisted: ownProperties }) : nesting;
  if (!read.ok) return read;
  const { hop, entries, ...message } = read.value;
  return success({ ...message, generation: hop, entries });
}

const notJson = 'The message is not JSON: send a JSON object, plain or in base64.';

const namedSchema = z.object({
  batch: batchNameSchema,
  part: envelopeSchema.shape.part.unwrap().optional().catch(undefined),
  source: envelopeSchema.shape.source.catch(undefined),
});

/** Returns what a message says of its batch, where it is an object that names a valid one. */
function placeOf(value: unknown): Pick<UnreadableMessage, 'named' | 'batch'> {
  const read = namedSchema.safeParse(value);
  if (!read.success) return {};
  const { batch, part, source } = read.data;
  if (!checkEnvelopeNesting(value).ok) return { batch };
  return {
    named: { batch, ...(part === undefined ? {} : { part }), ...(source === undefined ? {} : { source }) },
  };
}

/** Entries are read one by one, so that one that is nested too deep stops no other. */
function checkEnvelopeNesting(value: unknown): Validated<unknown> {
  const hasEntries = z.looseObject({ entries: z.array(z.unknown()) }).safeParse(value);
  return checkNesting(hasEntries.success ? { ...hasEntries.data, entries: [] } : value);
}

/** Returns the text of a message to send. Throws an Error if we could not read it again, which is a defect. */
export function formatBulkMessage(message: BulkMessageToSend): string {
  return readable(formatJson(Object.fromEntries(wireProperties(message))));
}

/** Does the same, without the properties that have their default. */
export function formatCompactMessage(message: BulkMessageToSend): string {
  const told = wireProperties(message).filter(([, value]) => value !== 0 && value !== false);
  return readable(formatJson(Object.fromEntries(told)));
}

function readable(text: string): string {
  const read = parseBulkMessage(text);
  if (read.ok) return text;
  throw new Error(`A message of our own is not valid. ${read.error.reasons.join(' ')}`);
}

function wireProperties(message: BulkMessageToSend): readonly (readonly [string, unknown])[] {
  return Object.entries(message).map(([name, value]) => [wireName(name), value]);
}

function wireName(name: string): string {
  return name === 'generation' ? 'hop' : name;
}
