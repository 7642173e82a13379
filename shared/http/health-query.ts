import * as z from 'zod';
import { parseUser, type UserRules } from '../ring/model/parse-request.ts';
import { issuesOf, type Validated } from '../ring/model/validation.ts';
import { failed, success } from '../runtime/result.ts';
import { parseQuery } from './parameters.ts';

/** The query parameters of the health check, before the user is read. */
export const healthQuerySchema = z.strictObject({ user: z.string().exactOptional() });

type User = Extract<ReturnType<typeof parseUser>, { ok: true }>['value'];

/**
 * Reads the query of the health check: a user to sign in as, or none. Without `rules`, as long as settings are wrong, no user
 * can be judged, and none is returned.
 */
export function parseHealthQuery(
  query: Readonly<Record<string, string>>,
  rules: UserRules | undefined,
): Validated<{ readonly user?: User }> {
  const read = parseQuery(healthQuerySchema, query);
  const { user: given } = query;
  const user = given === undefined || rules === undefined ? undefined : parseUser(given, rules);
  const issues = [...issuesOf(read), ...(user === undefined ? [] : issuesOf(user))];
  if (issues.length > 0) return failed(issues);
  return success(user?.ok === true ? { user: user.value } : {});
}
