import * as z from 'zod';
import { batchNameSchema } from '../ring/batch/message/envelope.ts';
import type { WantedEntries } from '../ring/batch/status.ts';
import { entryStates } from '../ring/model/outcome.ts';
import { issueAt, parseSchema, type Validated } from '../ring/model/validation.ts';
import { failed } from '../runtime/result.ts';
import { addressPrefix, continuation, flag, parseQuery } from './parameters.ts';

const batchSchema = z.object({ batch: batchNameSchema });

/** Reads the name of a batch in the path of its routes. */
export function parseBatchName(batch: string | undefined): Validated<{ readonly batch: string }> {
  return parseSchema(batchSchema, { batch });
}

/** Which entries of a batch a query wants. */
export const entryFilterSchema = z.strictObject({
  outcome: z.enum(entryStates).exactOptional(),
  would: z.enum(['apply', 'nothing']).exactOptional(),
  user: addressPrefix.exactOptional(),
});

/** The query parameters of a batch. */
export const batchQuerySchema = entryFilterSchema.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  continuation,
});

export interface BatchQuery extends WantedEntries {
  readonly limit: number;
  readonly continuation?: string;
}

/** Reads the query parameters of a batch's report, which has no pages. */
export function parseReportQuery(query: Readonly<Record<string, string>>): Validated<WantedEntries> {
  const paging = ['limit', 'continuation'].filter((name) => Object.hasOwn(query, name));
  if (paging.length === 0) return parseQuery(entryFilterSchema, query);
  return failed(
    paging.map((name) =>
      issueAt(
        `/${name}`,
        'A CSV report has no pages, it holds all entries: leave this parameter out, or ask for JSON.',
      ),
    ),
  );
}

/** Reads the query parameters of a batch. */
export function parseBatchQuery(query: Readonly<Record<string, string>>): Validated<BatchQuery> {
  return parseQuery(batchQuerySchema, query);
}

/** The query parameters of the list of batches. */
export const listQuerySchema = z.strictObject({
  all: flag,
  limit: z.coerce.number().int().min(1).max(100).default(20),
  continuation,
});

/** The query of the list of batches. */
export type ListQuery = z.output<typeof listQuerySchema>;

/** Reads the query parameters of the list of batches. */
export function parseListQuery(query: Readonly<Record<string, string>>): Validated<ListQuery> {
  return parseQuery(listQuerySchema, query);
}

/** The query parameters of an undo. */
export const undoQuerySchema = z.strictObject({ dryRun: flag });

/** Reads the query parameters of an undo. */
export function parseUndoQuery(
  query: Readonly<Record<string, string>>,
): Validated<z.output<typeof undoQuerySchema>> {
  return parseQuery(undoQuerySchema, query);
}
