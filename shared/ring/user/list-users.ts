import { formatTime } from '../../runtime/format-time.ts';
import type { ActivePeriod, DesiredRing } from '../model/desired-ring.ts';
import { type Outcome, withEnd } from '../model/outcome.ts';
import { standingRequest } from '../ports/standing-request.ts';
import {
  type ListedUser,
  lastAttemptOf,
  type UserFilter,
  type UserRecord,
  type UserStore,
} from '../ports/user-store.ts';

/** What is known of a user for whom something was requested. Times are in ISO 8601. */
export interface UserStatus {
  readonly user: string;
  /** The ring that stands; absent where nothing was set yet, or what was set is not known any more. */
  readonly ring?: DesiredRing['ring'];
  readonly target?: string;
  readonly ringDelaySeconds?: number;
  readonly activePeriod?: ActivePeriod;
  /** When that ring ends: an undo is pending. */
  readonly until?: string;
  /** When reading back showed that ring; absent where nothing proved it. */
  readonly provedAt?: string;
  /** How the last request ended; absent while it is at work, and after the retention. */
  readonly outcome?: Outcome['outcome'];
  readonly code?: string;
  readonly detail?: string;
  readonly requestedAt?: string;
  readonly endedAt?: string;
  readonly batch?: string;
  readonly source?: string;
  /** The identified caller of the last request. */
  readonly by?: string;
}

interface PageOptions extends UserFilter {
  readonly continuation?: string;
  readonly limit: number;
}

/** Reads a page of the users for whom something was requested; see `UserStore.list` for their order. */
export async function listUsers(
  store: UserStore,
  page: PageOptions,
): Promise<{ readonly users: readonly UserStatus[]; readonly continuation?: string }> {
  const { users, ...next } = await store.list(page);
  return { users: users.map(userStatus), ...next };
}

/** The most users on a page. */
export const usersPerPage = 1_000;

/** Yields all users that are wanted, page by page, so that none but the present page is kept in memory. */
export async function* allUsers(
  store: UserStore,
  wanted: UserFilter = {},
): AsyncGenerator<readonly ListedUser[]> {
  let continuation: string | undefined;
  do {
    const from = continuation === undefined ? {} : { continuation };
    const page = await store.list({ ...wanted, ...from, limit: usersPerPage });
    yield page.users;
    continuation = page.continuation;
  } while (continuation !== undefined);
}

/** Returns what is known of a user. */
export function userStatus({ user, record, isUnreadable }: ListedUser): UserStatus {
  if (isUnreadable === true) return { user, detail: unreadable };
  const { desired, provedAtMs, until } = standingRequest(record) ?? {};
  return {
    user,
    ...desired,
    ...(until === undefined ? {} : { until }),
    ...(provedAtMs === undefined ? {} : { provedAt: formatTime(provedAtMs) }),
    ...lastRequest(record),
  };
}

const unreadable =
  'What is stored of this user cannot be read, so nobody knows what stands, and every change of it fails: look at its row in the table simringusers, or remove that row.';

function lastRequest(record: UserRecord): Partial<UserStatus> {
  const { newest } = record;
  if (newest === undefined) return {};
  const last = lastAttemptOf(record, newest.order);
  const { effectiveAtMs, batch } = newest.order;
  return {
    ...(last === undefined ? {} : endOf(withEnd(last.outcome, last.atMs))),
    requestedAt: formatTime(newest.order.requestedAtMs ?? effectiveAtMs),
    batch,
    ...(newest.source === undefined ? {} : { source: newest.source }),
    ...(newest.by === undefined ? {} : { by: newest.by }),
  };
}

function endOf(outcome: Outcome): Partial<UserStatus> {
  return {
    outcome: outcome.outcome,
    ...('code' in outcome ? { code: outcome.code } : {}),
    ...('detail' in outcome ? { detail: outcome.detail } : {}),
    ...(outcome.endedAt === undefined ? {} : { endedAt: outcome.endedAt }),
  };
}
