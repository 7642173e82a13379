import { odata, type TableClient } from '@azure/data-tables';
import { purgedRecord } from '../../../ring/ports/retention.ts';
import { isWanted } from '../../../ring/ports/standing-request.ts';
import type {
  ListedUser,
  StoredUser,
  UserFilter,
  UserPage,
  UserRecord,
  UserStore,
} from '../../../ring/ports/user-store.ts';
import type { Clock } from '../../../runtime/clock.ts';
import { formatTime } from '../../../runtime/format-time.ts';
import type { SipUri } from '../../../ucwa/uri.ts';
import { tableNames } from '../names.ts';
import { getRow, isConflict, storageCall, storagePages, writeRow } from '../storage-call.ts';
import { usersFilter } from './user-query.ts';
import {
  absentUserKey,
  listedColumns,
  type NamedUser,
  readListedUser,
  readNamedUser,
  readUserEntity,
  userEntity,
  userKey,
} from './user-rows.ts';

/** The most rows that storage returns at once. */
const rowsPerPage = 1_000;

/** How many pages of storage one call looks through before it returns what it has found so far. */
const pagesPerCall = 2;

/** Users in the table `simringusers`, one row and one partition each. */
export class TableUsers implements UserStore {
  readonly #table: TableClient;

  constructor(table: TableClient) {
    this.#table = table;
  }

  /** Resolves if the table responds. Throws StorageUnavailableError. */
  async probe(): Promise<void> {
    await getRow(this.#table, `read from the table ${tableNames.users}`, absentUserKey);
  }

  async read(user: SipUri): Promise<StoredUser> {
    const entity = await getRow(this.#table, 'read the row of a user', userKey(user));
    return entity === undefined ? { record: {}, etag: undefined } : readUserEntity(entity);
  }

  async write(
    user: SipUri,
    record: UserRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'> {
    return await writeRow(this.#table, 'write the row of a user', userEntity(user, record), etag);
  }

  async delete(user: SipUri, etag: string): Promise<void> {
    const { partitionKey, rowKey } = userKey(user);
    await storageCall(
      'remove the row of a user',
      () => this.#table.deleteEntity(partitionKey, rowKey, { etag }),
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
  }

  /** A continuation is the partition of the last row that was looked at: what follows it is on the next page. */
  async list({
    continuation,
    limit,
    ...wanted
  }: UserFilter & { continuation?: string; limit: number }): Promise<UserPage> {
    const queryOptions = { filter: usersFilter(wanted, continuation), select: listedColumns };
    const maxPageSize = wanted.ring === undefined ? limit : rowsPerPage;
    const pages = this.#table.listEntities({ queryOptions }).byPage({ maxPageSize });
    const users: ListedUser[] = [];
    let pagesSeen = 0;
    let last = '';
    for await (const page of storagePages('list users', pages)) {
      for (const entity of page) {
        if (users.length === limit) return { users, continuation: last };
        last = entity.partitionKey ?? last;
        const listed = readListedUser(entity);
        if (listed !== undefined && isWanted(listed, wanted)) users.push(listed);
      }
      if (page.continuationToken === undefined) break;
      pagesSeen += 1;
      // Storage may return empty pages: without a row there is no place to go on from.
      const isEnough = users.length === limit || pagesSeen >= pagesPerCall;
      if (isEnough && last !== '') return { users, continuation: last };
    }
    return { users };
  }

  /**
   * Removes the results from the rows that were last changed before `beforeMs`, except from those that are claimed when
   * their turn comes. Returns how many. Throws in the end where rows could not be read, which are left as they are.
   */
  async purge(beforeMs: number, clock: Pick<Clock, 'nowMs'>): Promise<number> {
    const filter = odata`resultsSince lt ${formatTime(beforeMs)}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    const unreadable: string[] = [];
    let purged = 0;
    for await (const page of storagePages('list users with old results', pages)) {
      for (const entity of page) {
        const stored = readNamedUser(entity);
        if (stored === undefined) unreadable.push(entity.partitionKey ?? '');
        else if (await this.#strip(stored, clock.nowMs())) purged += 1;
      }
    }
    if (unreadable.length > 0) throw new UnreadableRowsError(unreadable, purged);
    return purged;
  }

  /** The etag is that of the list: a claim that came since makes the write conflict. */
  async #strip({ user, record, etag }: NamedUser, nowMs: number): Promise<boolean> {
    const purged = purgedRecord(record, nowMs);
    return purged !== undefined && (await this.write(user, purged, etag)) !== 'conflict';
  }
}

/** Rows that hold old results and cannot be read, so that these stay. */
class UnreadableRowsError extends Error {
  constructor([first = '', ...others]: readonly string[], purged: number) {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    super(
      `The results of ${purged} users were removed. Those of the rows with the PartitionKey ${first}${more} in simringusers cannot be read: look at them, or remove them.`,
    );
    this.name = 'UnreadableRowsError';
  }
}
