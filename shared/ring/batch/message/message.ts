import * as z from 'zod';
import { isJsonObject } from '../../../runtime/json.ts';
import { formatJson } from '../../../runtime/nested-json.ts';
import { failed, type Result, success } from '../../../runtime/result.ts';
import { mapNames, type NamedProperties, namesOf, parseProperties } from '../../model/property-names.ts';
import { timeSchema } from '../../model/time.ts';
import { checkNesting, type Subject, type Validated } from '../../model/validation.ts';
import { decodeContent } from './content.ts';
import { entryNumber } from './entry.ts';
import { batchNameSchema, envelopeProperties, maxParts } from './envelope.ts';
import { explainHostNames, isHostName } from './host-names.ts';
import {
  readUndoMessage,
  type UndoMessage,
  type UndoMessageToSend,
  undoNames,
  undoSchema,
} from './undo-message.ts';
import { describeProperties, type UnreadableMessage } from './unreadable-message.ts';

export const bulkSchema = 'simring/bulk/1';

function haveDistinctNumbers(entries: readonly unknown[]): boolean {
  return new Set(entries.map(entryNumber)).size === entries.length;
}

const { batch, part, source, ticket, dryRun, deferrals, hop } = envelopeProperties;

/** Its properties stand in the order in which a sender is told of them. */
const envelopeSchema = z.strictObject({
  schema: z.literal(bulkSchema),
  batch,
  part,
  parts: z.int().min(1).max(maxParts).optional(),
  source,
  requestedAt: timeSchema('requestedAt').optional(),
  dryRun,
  ticket,
  deferrals,
  hop,
  entries: z
    .array(z.unknown())
    .min(1, 'A message needs at least one entry.')
    .refine(haveDistinctNumbers, 'Two entries have the same number.'),
});

/**
 * One message as it is sent. Only we set `deferrals` and `hop`. Entries are read one by one, so a wrong one stops no
 * other. Version 0.1 took any part, so what it requeued is read whatever its part.
 */
export const bulkMessageSchema = envelopeSchema.refine(
  ({ part, parts = 0, hop }) => parts < 1 || part < parts || hop > 0,
  { path: ['part'], error: '`part` must be less than `parts`: the first part is 0.' },
);

type BulkMessageInput = z.input<typeof bulkMessageSchema>;

/** One message of a batch. Its `generation`, `hop` on the wire, counts requeues; `requestedAt` is in UTC. */
export interface BulkMessage extends Omit<z.output<typeof bulkMessageSchema>, 'hop'> {
  readonly generation: number;
}

/** A message to send: properties with a default may be left out. */
export interface BulkMessageToSend extends Omit<BulkMessageInput, 'entries' | 'hop' | 'requestedAt'> {
  readonly requestedAt?: string | undefined;
  readonly generation?: number;
  readonly entries: readonly unknown[];
}

/** The properties of a message that only we set. */
export const ownMessageProperties = ['hop', 'deferrals', 'ticket'] as const;

const messageSubject: Subject = { name: 'The message', form: ' with schema, batch and entries' };

const messageNames = namesOf(bulkMessageSchema, messageSubject, ownMessageProperties);

/** Any message of the bulk queue. */
export type QueuedMessage = BulkMessage | UndoMessage;

/** Reads a message as the queue delivered it; see {@link decodeContent} for the forms it may have. */
export function parseQueuedMessage(content: unknown): Result<QueuedMessage, UnreadableMessage> {
  const decoded = decodeContent(content);
  if (!decoded.ok) return failed({ reasons: [decoded.error], detail: decoded.error });
  const named = mapMessageNames(decoded.value);
  const isUndo = isJsonObject(named.value) && named.value['schema'] === undoSchema;
  const read = isUndo ? readUndoMessage(mapNames(decoded.value, undoNames)) : readMessage(named);
  if (read.ok) return read;
  const described = describeProperties(read.error, isNameOfOurs, messageNames.listed);
  return failed({ ...described, ...placeOf(named.value) });
}

/** Reads a message from its JSON value; each issue points at what is wrong. */
export function validateBulkMessage(value: unknown): Validated<BulkMessage> {
  return readMessage(mapMessageNames(value));
}

function readMessage(named: NamedProperties): Validated<BulkMessage> {
  const nesting = checkEnvelopeNesting(named.value);
  const read = nesting.ok ? parseProperties(bulkMessageSchema, named, messageNames) : nesting;
  if (!read.ok) return failed(explainHostNames(read.error));
  const { hop, entries, ...message } = read.value;
  return success({ ...message, generation: hop, entries });
}

/** Maps the names of a message's properties; one entry without a list becomes a list of it. */
function mapMessageNames(value: unknown): NamedProperties {
  const named = mapNames(value, messageNames);
  const { value: message } = named;
  if (!isJsonObject(message) || !isJsonObject(message['entries'])) return named;
  return { ...named, value: { ...message, entries: [message['entries']] } };
}

/** True for a name that may stand in the log: one that we chose, or the host. */
function isNameOfOurs(name: string): boolean {
  return messageNames.all.has(name) || isHostName(name);
}

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
  const hasEntries = isJsonObject(value) && Array.isArray(value['entries']);
  return checkNesting(hasEntries ? { ...value, entries: [] } : value, messageSubject);
}

/** A message of any kind to send. */
export type QueuedMessageToSend = BulkMessageToSend | UndoMessageToSend;

/** Returns the text of a message to send. Throws an Error if we could not read it again, which is a defect. */
export function formatMessage(message: QueuedMessageToSend): string {
  return readable(formatJson(Object.fromEntries(wireProperties(message))));
}

/** Does the same, without the properties that have their default. */
export function formatCompactMessage(message: QueuedMessageToSend): string {
  const told = wireProperties(message).filter(([, value]) => value !== 0 && value !== false);
  return readable(formatJson(Object.fromEntries(told)));
}

function readable(text: string): string {
  const read = parseQueuedMessage(text);
  if (read.ok) return text;
  throw new Error(`A message of our own is not valid. ${read.error.reasons.join(' ')}`);
}

function wireProperties(message: QueuedMessageToSend): readonly (readonly [string, unknown])[] {
  return Object.entries(message).map(([name, value]) => [wireName(name), value]);
}

function wireName(name: string): string {
  return name === 'generation' ? 'hop' : name;
}
