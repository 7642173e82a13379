import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';
import { addressMaxLength, putBodySchema, ringChoices } from '../model/parse-request.ts';
import { type Parsed, parseSchema } from '../model/validation.ts';

/** Most bytes of JSON in one message: 64 KiB as sent, which is base64. */
export const messageLimitBytes = 48 * 1024;

export const bulkSchema = 'simring/bulk/1';

/** A batch's name: it stands in URLs and in the keys of tables. */
export const batchNameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'A batch is named by 1 to 64 of A–Z a–z 0–9 . _ -, the first a letter or digit.',
  );

/** An entry may be anything here: what is wrong with it is told in its own outcome, the others go on. */
const looseEntry = z.unknown();

const entryNumberSchema = z.object({ entry: z.int().min(0).max(999_999) });

/** The number of an entry in its part: the one it says, or its place in the message. */
export function entryNumber(raw: unknown, index: number): number {
  const told = entryNumberSchema.safeParse(raw);
  return told.success ? told.data.entry : index;
}

/** The ledger knows an entry by its number. */
function haveNumbersOfTheirOwn(entries: readonly unknown[]): boolean {
  return new Set(entries.map(entryNumber)).size === entries.length;
}

/** One message of a batch. What we send on carries `hop` and `deferrals` besides, and each entry its `entry` and `attempts`. */
export const bulkMessageSchema = z.strictObject({
  schema: z.literal(bulkSchema),
  batch: batchNameSchema,
  part: z.int().min(0).max(99_999).default(0),
  parts: z.int().min(1).max(100_000).optional(),
  source: z.string().max(100).optional(),
  requestedAt: z.iso
    .datetime({
      offset: true,
      error: '`requestedAt` must be a time with its zone, such as 2026-11-23T09:00:00Z.',
    })
    .optional(),
  dryRun: z.boolean().default(false),
  deferrals: z.int().min(0).default(0),
  hop: z.int().min(0).default(0),
  entries: z
    .array(looseEntry)
    .min(1, 'A message needs at least one entry.')
    .refine(haveNumbersOfTheirOwn, 'Two entries have the same number.'),
});

/** Most characters of the key that a sender gives an entry. */
export const refMaxLength = 200;

const { target, ringDelaySeconds } = putBodySchema.shape;

/** One entry, as its sender or we ourselves wrote it. */
export const bulkEntrySchema = z.strictObject({
  user: z.string().min(1).max(addressMaxLength),
  ring: z.enum([...ringChoices, 'off']).default('contact'),
  target,
  ringDelaySeconds,
  ref: z.string().max(refMaxLength).optional(),
  /** The place in the part that was sent first. */
  entry: entryNumberSchema.shape.entry.optional(),
  /** Attempts that reached UCWA. */
  attempts: z.int().min(0).optional(),
});

/** A message as it was read; its `generation` is called `hop` on the wire. */
export type BulkMessage = Omit<z.infer<typeof bulkMessageSchema>, 'hop'> & { readonly generation: number };
export type BulkEntry = z.infer<typeof bulkEntrySchema>;

/** Reads a message as it was sent: plain JSON, base64 of it, or the value that the host made of JSON. */
export function parseBulkMessage(content: unknown): Parsed<BulkMessage> {
  const read = parseSchema(bulkMessageSchema, decodeContent(content));
  if ('mistakes' in read) return read;
  const { hop, entries, ...message } = read.value;
  return { value: { ...message, generation: hop, entries } };
}

/** A message to send: what has a default may be left out. */
export type BulkMessageToSend = Omit<z.input<typeof bulkMessageSchema>, 'entries' | 'hop'> & {
  readonly generation?: number;
  readonly entries: readonly unknown[];
};

/** The text of a message to send. */
export function formatBulkMessage(message: BulkMessageToSend): string {
  return JSON.stringify(asOnTheWire(message));
}

/** Names its properties as the wire does, in their order. */
function asOnTheWire(message: BulkMessageToSend): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name === 'generation' ? 'hop' : name, value]),
  );
}

/** What a message says, as plain JSON, base64 of it, or the value that the host made of JSON. */
export function decodeContent(content: unknown): unknown {
  return typeof content === 'string' ? decode(content) : content;
}

function decode(text: string): unknown {
  const plain = parseJson(text);
  if (plain !== undefined && typeof plain !== 'string') return plain;
  const encoded = typeof plain === 'string' ? plain : text;
  return /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(encoded)
    ? parseJson(Buffer.from(encoded, 'base64').toString('utf8'))
    : undefined;
}
