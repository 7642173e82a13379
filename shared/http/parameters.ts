import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { addressMaxLength } from '../ring/model/parse-request.ts';
import { cutText } from '../ring/model/stored-text.ts';
import { plainText } from '../ring/model/text-form.ts';
import { issueAt, parseSchema, type Validated, type ValidationIssue } from '../ring/model/validation.ts';

/** Query parameters that belong to the host: a function key, and the name of the key. */
const hostParameters: readonly string[] = ['code', 'clientId'];

/**
 * Returns the query of a request by name. The functions library loses a parameter named `__proto__`, which would let it
 * pass unnoticed: what it lost is taken from the URL.
 */
export function queryOf({
  query,
  url,
}: Pick<HttpRequest, 'query' | 'url'>): Readonly<Record<string, string>> {
  const known = new Set([...query.keys()].map((name) => name.toLowerCase()));
  const lost = [...new URL(url).searchParams].filter(([name]) => !known.has(name.toLowerCase()));
  return Object.fromEntries([...query, ...lost]);
}

/**
 * Returns an issue for each query parameter of a route that takes none. A parameter that is ignored would look like one
 * that is obeyed. `advice` says where its options go instead.
 */
export function unknownParameters(
  request: Pick<HttpRequest, 'query' | 'url'>,
  advice?: string,
): readonly ValidationIssue[] {
  const detail = ['This route takes no query parameters.', ...(advice === undefined ? [] : [advice])].join(
    ' ',
  );
  const unknown = Object.keys(queryOf(request)).filter((name) => !hostParameters.includes(name));
  return unknown.map((name) => issueAt(`/${cutText(name, 100)}`, detail));
}

/** A parameter that is `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], { error: 'Write true or false.' })
  .transform((text) => text === 'true')
  .optional();

/** How an address begins, as a person may write it: in any case, with or without `sip:`. */
export const addressPrefix = z
  .string()
  .max(addressMaxLength)
  .transform((text) => plainText(text).toLowerCase().replace(/^sip:/, ''));

/** Where a page begins: what the link in `next` says. */
export const continuation = z.string().max(2000).exactOptional();

/** Reads the query of a route that takes parameters. Those of the host are left out before the schema sees it. */
export function parseQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Readonly<Record<string, string>>,
): Validated<z.output<Schema>> {
  const own = Object.entries(query).filter(([name]) => !hostParameters.includes(name));
  return parseSchema(schema, Object.fromEntries(own), { kind: 'query parameter' });
}

/** Returns the link to the next page as a property of a response; nothing on the last page. */
export function nextPage(
  path: string,
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
  continuation: string | undefined,
): { next?: string } {
  if (continuation === undefined) return {};
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...parameters, continuation })) {
    if (value !== undefined) query.set(name, String(value));
  }
  return { next: `${path}?${query}` };
}
