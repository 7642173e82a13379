import * as z from 'zod';
import { rings } from '../ring/model/desired-ring.ts';
import { outcomeNames } from '../ring/model/outcome.ts';
import { issueAt, type Validated } from '../ring/model/validation.ts';
import { usersPerPage } from '../ring/user/list-users.ts';
import { failed } from '../runtime/result.ts';
import { addressPrefix, continuation, parseQuery } from './parameters.ts';

const filterShape = {
  ring: z.enum(rings).exactOptional(),
  outcome: z.enum(outcomeNames).exactOptional(),
  user: addressPrefix.exactOptional(),
};

/** The query parameters of a page of users. */
export const usersQuerySchema = z.strictObject({
  ...filterShape,
  limit: z.coerce.number().int().min(1).max(usersPerPage).default(200),
  continuation,
});

/** The query of a page of users. */
export type UsersQuery = z.output<typeof usersQuerySchema>;

/** Reads the query parameters of a page of users. */
export function parseUsersQuery(query: Readonly<Record<string, string>>): Validated<UsersQuery> {
  return parseQuery(usersQuerySchema, query);
}

const filterSchema = z.strictObject(filterShape);

/** Reads the query parameters of a CSV file of users, which has all of them. */
export function parseUsersFilter(
  query: Readonly<Record<string, string>>,
): Validated<z.output<typeof filterSchema>> {
  const paging = ['limit', 'continuation'].filter((name) => Object.hasOwn(query, name));
  if (paging.length === 0) return parseQuery(filterSchema, query);
  return failed(
    paging.map((name) =>
      issueAt(
        `/${name}`,
        'A CSV list has no pages, it holds all users: leave this parameter out, or ask for JSON.',
      ),
    ),
  );
}
