import { issueAt, type ValidationIssue } from '../ring/model/validation.ts';
import { ofTheHost } from './batch-query.ts';

/** What is wrong with the parameters of a route that has none: one that is not heard would be taken for granted. */
export function needlessParameters(query: { keys(): Iterable<string> }): readonly ValidationIssue[] {
  const needless = [...new Set(query.keys())].filter((name) => !Object.hasOwn(ofTheHost, name));
  return needless.map((name) =>
    issueAt(
      `/${name.slice(0, 100)}`,
      'This route has no such parameter: leave it out. What PUT is asked for stands in its body.',
    ),
  );
}
