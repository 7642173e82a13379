import * as z from 'zod';
import { batchNameSchema } from '../ring/batch/message.ts';
import { type EntryState, entryStates } from '../ring/model/outcome.ts';
import { parseSchema, type Validated } from '../ring/model/validation.ts';
import { success } from '../runtime/result.ts';
import { hostParameters } from './parameters.ts';

const batchQuerySchema = z.strictObject({
  batch: batchNameSchema,
  outcome: z.enum(entryStates).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation: z.string().max(2000).exactOptional(),
  ...hostParameters,
});

export interface BatchQuery {
  readonly batch: string;
  readonly outcome?: EntryState;
  readonly limit: number;
  readonly continuation?: string;
}

/** Reads the name of a batch and the query parameters of its routes. */
export function parseBatchQuery(
  batch: string,
  query: Readonly<Record<string, string>>,
): Validated<BatchQuery> {
  const parsed = parseSchema(batchQuerySchema, { ...query, batch });
  if (!parsed.ok) return parsed;
  const { code: _code, clientId: _clientId, ...asked } = parsed.value;
  return success(asked);
}

const listQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  continuation: z.string().max(2000).exactOptional(),
  ...hostParameters,
});

/** Reads the query parameters of the list of batches. */
export function parseListQuery(
  query: Readonly<Record<string, string>>,
): Validated<{ readonly limit: number; readonly continuation?: string }> {
  const parsed = parseSchema(listQuerySchema, query);
  if (!parsed.ok) return parsed;
  const { code: _code, clientId: _clientId, ...asked } = parsed.value;
  return success(asked);
}
