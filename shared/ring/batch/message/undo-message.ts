import * as z from 'zod';
import { failed, success } from '../../../runtime/result.ts';
import { userSchema } from '../../model/parse-request.ts';
import { type NamedProperties, namesOf, parseProperties } from '../../model/property-names.ts';
import { timeSchema } from '../../model/time.ts';
import type { Subject, Validated } from '../../model/validation.ts';
import { attemptsSchema, entryNumberSchema } from './entry.ts';
import { batchNameSchema, envelopeProperties } from './envelope.ts';

export const undoSchema = 'simring/undo/1';

/** One user of an undo: the number is that of the entry whose setting is to end, `from` what that entry asked for. */
export const undoEntrySchema = z.strictObject({
  user: userSchema,
  entry: entryNumberSchema,
  from: timeSchema('from').optional(),
  /** The sender's own key of that entry. */
  ref: z.string().optional(),
  attempts: attemptsSchema.optional(),
});

export type UndoEntry = z.output<typeof undoEntrySchema>;

const undoMessageSchema = z.strictObject({
  schema: z.literal(undoSchema),
  ...envelopeProperties,
  /** The batch whose part of the same number is undone, and when that part was requested. */
  undoes: z.strictObject({ batch: batchNameSchema, requestedAt: timeSchema('requestedAt') }),
  requestedAt: timeSchema('requestedAt'),
  entries: z.array(undoEntrySchema).min(1, 'A message needs at least one entry.'),
});

/**
 * One message of an undo. Only we send it: it names entries of another batch, and holds no state. `requestedAt` is when the
 * undo is due.
 */
export interface UndoMessage extends Omit<z.output<typeof undoMessageSchema>, 'hop'> {
  readonly generation: number;
}

/** A message to send: properties with a default may be left out. */
export interface UndoMessageToSend
  extends Omit<z.input<typeof undoMessageSchema>, 'hop' | 'requestedAt' | 'undoes' | 'entries'> {
  readonly requestedAt: string;
  readonly undoes: { readonly batch: string; readonly requestedAt: string };
  readonly generation?: number;
  readonly entries: readonly unknown[];
}

const undoSubject: Subject = { name: 'The message', form: ' with schema, batch, undoes and entries' };

export const undoNames = namesOf(undoMessageSchema, undoSubject);

/** Reads an undo message whose names are mapped. */
export function readUndoMessage(named: NamedProperties): Validated<UndoMessage> {
  const read = parseProperties(undoMessageSchema, named, undoNames);
  if (!read.ok) return failed(read.error);
  const { hop, ...message } = read.value;
  return success({ ...message, generation: hop });
}
