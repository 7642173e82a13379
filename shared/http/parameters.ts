import * as z from 'zod';
import { issueAt, type ValidationIssue } from '../ring/model/validation.ts';

/** Query parameters that belong to the host: a function key, and the name of the key. */
export const hostParameters = { code: z.string().exactOptional(), clientId: z.string().exactOptional() };

/** Returns an issue for each query parameter of a route that takes none: ignoring one would look like obeying it. */
export function unknownParameters(query: { keys(): Iterable<string> }): readonly ValidationIssue[] {
  const unknown = [...new Set(query.keys())].filter((name) => !Object.hasOwn(hostParameters, name));
  return unknown.map((name) =>
    issueAt(
      `/${name.slice(0, 100)}`,
      'Unknown query parameter: leave it out. The options of PUT go in the body.',
    ),
  );
}
