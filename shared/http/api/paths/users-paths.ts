import { activePeriods, rings } from '../../../ring/model/desired-ring.ts';
import { outcomeNames } from '../../../ring/model/outcome.ts';
import type { UserStatus } from '../../../ring/user/list-users.ts';
import { usersQuerySchema } from '../../users-query.ts';
import {
  callerIdOf,
  count,
  type JsonSchema,
  listOf,
  objectOf,
  reference,
  text,
  time,
  word,
} from '../json-schema.ts';

import { parameter, queryParameters } from '../parameters.ts';
import { json, jsonOrCsv, problems } from '../responses.ts';

const tags = ['Users'];

const correlationId = parameter('correlationId');

/** The routes for all users. */
export const usersPaths = {
  '/api/users': {
    get: {
      operationId: 'listUsers',
      tags,
      summary: 'Lists the users for whom something was requested',
      description:
        'With `Accept: text/csv` all users as one file: it takes no `limit` and no `continuation`.',
      parameters: [
        correlationId,
        ...queryParameters(usersQuerySchema, {
          ring: 'Only users for whom this ring stands.',
          outcome: 'Only users whose last request ended so.',
          user: 'Only users whose address begins so, in any case, with or without `sip:`.',
          limit: 'The most items of a page.',
          continuation: 'Where the page begins: it comes with the link in `next`.',
        }),
      ],
      responses: {
        '200': jsonOrCsv('UserList', 'A page of users, which may be empty and have `next`.'),
        ...problems('invalid-request', 'misconfigured', 'storage-unavailable'),
      },
    },
  },
  '/api/users/check': {
    post: {
      operationId: 'checkUsers',
      tags,
      summary: 'Finds out for which users the ring is no longer as it was set',
      description:
        'A dry run for every user whose ring is not off and whose last change has ended. Those with `would: apply` have drifted.',
      parameters: [correlationId],
      responses: {
        '200': json('CheckOfNobody', 'There is no user to check.'),
        '202': json('CheckAccepted', 'The check is on the queue.', { location: 'location' }),
        ...problems('invalid-request', 'misconfigured', 'storage-unavailable'),
      },
    },
  },
};

interface UserList {
  readonly users: readonly UserStatus[];
  readonly next?: string;
}

interface CheckAccepted {
  readonly batch: string;
  readonly entries: number;
  readonly parts: number;
  readonly status: string;
}

const checked = {
  entries: count('The users that are checked.'),
  parts: count('The messages that carry them.'),
};

/** The schemas of the responses of these routes. */
export const usersSchemas = {
  UserStatus: objectOf<UserStatus>(
    'A user: the ring that stands, and the last request.',
    { user: text('The SIP address.') },
    {
      ring: word(
        rings,
        'The ring that stands. Absent where nothing was set yet, or what was set is not known any more.',
      ),
      target: text('As `tel:+…` or `sip:…`.'),
      ringDelaySeconds: count('The delay of delegates or team.'),
      activePeriod: word(activePeriods, 'When the settings apply, if it was asked for.'),
      until: time('When that ring ends: an undo is pending.'),
      provedAt: time('When reading back showed that ring. Absent where nothing proved it.'),
      outcome: word(
        outcomeNames,
        'How the last request ended. Absent while it is at work, and after the retention.',
      ),
      code: text('The code of the last request that did not succeed.'),
      detail: text('What happened to it, and what to do.'),
      requestedAt: time('When the last request was made.'),
      endedAt: time('When it ended.'),
      batch: text('Its batch.'),
      source: text('What its sender said of itself.'),
      by: callerIdOf('the last request'),
    },
  ),
  UserList: objectOf<UserList>(
    'A page of users, sorted by address.',
    { users: listOf(reference('UserStatus'), 'The users.') },
    { next: text('The URL of the next page. Absent on the last one.') },
  ),
  CheckAccepted: objectOf<CheckAccepted>(
    'A check that is on the queue.',
    { batch: text('The name of the batch.'), ...checked, status: text('The URL of the batch.') },
    {},
  ),
  CheckOfNobody: objectOf<Pick<CheckAccepted, 'entries' | 'parts'>>('A check of nobody.', checked, {}),
} satisfies Readonly<Record<string, JsonSchema>>;
