import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';
import {
  type StoredUser,
  type UserRecord,
  type UserStore,
  withoutResults,
} from '../../ring/ports/user-store.ts';
import type { SipUri } from '../../ucwa/uri.ts';
import { getRow, isConflict, storageCall, storagePages } from './storage-call.ts';
import { absentUserKey, readNamedUser, readUserEntity, userEntity, userKey } from './user-rows.ts';

/** Users in the table `simringusers`, one row and one partition each. */
export class TableUsers implements UserStore {
  readonly #table: TableClient;

  constructor(table: TableClient) {
    this.#table = table;
  }

  /** Resolves if the table responds. Throws StorageUnavailableError. */
  async probe(): Promise<void> {
    await getRow(this.#table, 'read from the table of users', absentUserKey);
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
    const entity = userEntity(user, record);
    const written = await storageCall(
      'write the row of a user',
      () =>
        etag === undefined
          ? this.#table.createEntity(entity)
          : this.#table.updateEntity(entity, 'Replace', { etag }),
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
    return written === 'conflict' ? written : { etag: z.string().parse(written.etag) };
  }

  async delete(user: SipUri, etag: string): Promise<void> {
    const { partitionKey, rowKey } = userKey(user);
    await storageCall(
      'remove the row of a user',
      () => this.#table.deleteEntity(partitionKey, rowKey, { etag }),
      (failure) => (isConflict(failure) ? ('conflict' as const) : undefined),
    );
  }

  /** Strips the rows that were last changed before `beforeMs` of all but the request order. Returns how many. */
  async purge(beforeMs: number): Promise<number> {
    const filter = odata`resultsSince lt ${new Date(beforeMs).toISOString()}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    let purged = 0;
    for await (const page of storagePages('list users with old results', pages)) {
      for (const entity of page) purged += (await this.#strip(entity)) ? 1 : 0;
    }
    return purged;
  }

  async #strip(entity: unknown): Promise<boolean> {
    const stored = readNamedUser(entity);
    if (stored === undefined) return false;
    const { user, record, etag } = stored;
    return (await this.write(user, withoutResults(record), etag)) !== 'conflict';
  }
}
