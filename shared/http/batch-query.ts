import * as z from 'zod';
import { batchNameSchema } from '../ring/batch/message.ts';
import { type EntryState, entryStates } from '../ring/model/outcome.ts';
import { type Parsed, parseSchema } from '../ring/model/validation.ts';

/** A function key, and whose it is, where they come in the URL. */
export const ofTheHost = { code: z.string().exactOptional(), clientId: z.string().exactOptional() };

const queryForm = z.strictObject({
  batch: batchNameSchema,
  outcome: z.enum(entryStates).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation: z.string().max(2000).exactOptional(),
  ...ofTheHost,
});

export interface BatchQuery {
  readonly batch: string;
  readonly outcome?: EntryState;
  readonly limit: number;
  readonly continuation?: string;
}

/** Reads what is asked of a batch. */
export function parseBatchQuery(batch: string, query: Readonly<Record<string, string>>): Parsed<BatchQuery> {
  const parsed = parseSchema(queryForm, { ...query, batch });
  if ('mistakes' in parsed) return parsed;
  const { code: _code, clientId: _clientId, ...asked } = parsed.value;
  return { value: asked };
}

const listForm = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  continuation: z.string().max(2000).exactOptional(),
  ...ofTheHost,
});

/** Reads what is asked of the list of batches. */
export function parseListQuery(
  query: Readonly<Record<string, string>>,
): Parsed<{ readonly limit: number; readonly continuation?: string }> {
  const parsed = parseSchema(listForm, query);
  if ('mistakes' in parsed) return parsed;
  const { code: _code, clientId: _clientId, ...asked } = parsed.value;
  return { value: asked };
}
