import * as z from 'zod';
import { batchNameSchema } from '../ring/batch/message.ts';
import { type EntryState, entryStates } from '../ring/model/outcome.ts';
import { parseSchema, type Validated } from '../ring/model/validation.ts';
import { parseQuery } from './parameters.ts';

const batchSchema = z.object({ batch: batchNameSchema });

/** Reads the name of a batch in the path of its routes. */
export function parseBatchName(batch: string | undefined): Validated<{ readonly batch: string }> {
  return parseSchema(batchSchema, { batch });
}

const continuation = z.string().max(2000).exactOptional();

const batchQuerySchema = z.strictObject({
  outcome: z.enum(entryStates).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation,
});

export interface BatchQuery {
  readonly outcome?: EntryState;
  readonly limit: number;
  readonly continuation?: string;
}

/** Reads the query parameters of a batch. */
export function parseBatchQuery(query: Readonly<Record<string, string>>): Validated<BatchQuery> {
  return parseQuery(batchQuerySchema, query);
}

const listQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  continuation,
});

/** Reads the query parameters of the list of batches. */
export function parseListQuery(
  query: Readonly<Record<string, string>>,
): Validated<Omit<BatchQuery, 'outcome'>> {
  return parseQuery(listQuerySchema, query);
}
