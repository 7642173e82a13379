import * as z from 'zod';
import { batchName } from './bulk-message.ts';
import { type Parsed, parseForm } from './mistakes.ts';
import { type EntryState, entryStates } from './outcome.ts';

const queryForm = z.strictObject({
  batch: batchName,
  outcome: z.enum(entryStates).exactOptional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation: z.string().max(2000).exactOptional(),
  /** A function key, where it comes in the URL. */
  code: z.string().exactOptional(),
});

export interface BatchQuery {
  readonly batch: string;
  readonly outcome?: EntryState;
  readonly limit: number;
  readonly continuation?: string;
}

/** Reads what is asked of a batch. */
export function parseBatchQuery(batch: string, query: Readonly<Record<string, string>>): Parsed<BatchQuery> {
  const parsed = parseForm(queryForm, { ...query, batch });
  if ('mistakes' in parsed) return parsed;
  const { code: _code, ...asked } = parsed.value;
  return { value: asked };
}

const listForm = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  continuation: z.string().max(2000).exactOptional(),
  code: z.string().exactOptional(),
});

/** Reads what is asked of the list of batches. */
export function parseListQuery(
  query: Readonly<Record<string, string>>,
): Parsed<{ readonly limit: number; readonly continuation?: string }> {
  const parsed = parseForm(listForm, query);
  if ('mistakes' in parsed) return parsed;
  const { code: _code, ...asked } = parsed.value;
  return { value: asked };
}
