import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import { issueAt, type ValidationIssue } from '../ring/model/validation.ts';

/** Query parameters that belong to the host: a function key, and the name of the key. */
export const hostParameters = { code: z.string().exactOptional(), clientId: z.string().exactOptional() };

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

/** Returns an issue for each query parameter of a route that takes none: ignoring one would look like obeying it. */
export function unknownParameters(request: Pick<HttpRequest, 'query' | 'url'>): readonly ValidationIssue[] {
  const unknown = Object.keys(queryOf(request)).filter((name) => !Object.hasOwn(hostParameters, name));
  return unknown.map((name) =>
    issueAt(
      `/${name.slice(0, 100).toWellFormed()}`,
      'Unknown query parameter: leave it out. The options of PUT go in the body.',
    ),
  );
}
