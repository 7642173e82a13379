import { odata, type TableClient } from '@azure/data-tables';
import * as z from 'zod';
import { encodeAddress } from '../../ring/model/address-key.ts';
import {
  type StoredUser,
  type UserRecord,
  type UserStore,
  withoutResults,
} from '../../ring/ports/user-store.ts';
import { parseSipUri, type SipUri } from '../../ucwa/uri.ts';
import { isAbsent, isConflict, storageCall, storagePages } from './storage-call.ts';
import { formatUserRecord, parseUserRecord } from './user-rows.ts';

const rowKey = 'user';
const entityForm = z.object({ etag: z.string(), record: z.string() });
const purgeForm = entityForm.extend({ user: z.string() });

/** People in the table `simringusers`, one entity and one partition each. */
export class TableUsers implements UserStore {
  readonly #table: TableClient;

  constructor(table: TableClient) {
    this.#table = table;
  }

  async read(user: SipUri): Promise<StoredUser> {
    const entity = await storageCall(
      'read what is known of a user',
      () => this.#table.getEntity(encodeAddress(user), rowKey),
      (failure) => (isAbsent(failure) ? 'none' : undefined),
    );
    if (entity === 'none') return { record: {}, etag: undefined };
    const { etag, record } = entityForm.parse(entity);
    return { record: parseUserRecord(record), etag };
  }

  /** Reads an entity that is not there: tells that the table answers. Throws StorageUnavailableError. */
  async probe(): Promise<void> {
    await storageCall(
      'answer for its tables',
      () => this.#table.getEntity('health', rowKey),
      (failure) => (isAbsent(failure) ? 'none' : undefined),
    );
  }

  async write(
    user: SipUri,
    record: UserRecord,
    etag: string | undefined,
  ): Promise<{ etag: string } | 'conflict'> {
    const entity = {
      partitionKey: encodeAddress(user),
      rowKey,
      user,
      record: formatUserRecord(record),
      requestedAt: shownTime(record.newest?.order.requestedAtMs),
      outcome: record.last?.outcome.outcome,
      claimedUntil: shownTime(record.claim?.untilMs),
      resultsSince: shownTime(resultsSinceMs(record)),
    };
    const written = await storageCall(
      'write what is known of a user',
      () =>
        etag === undefined
          ? this.#table.createEntity(entity)
          : this.#table.updateEntity(entity, 'Replace', { etag }),
      (failure) => (isConflict(failure) ? 'conflict' : undefined),
    );
    if (written === 'conflict') return written;
    return { etag: z.string().parse(written.etag) };
  }

  /** Takes from everyone what is older than that, all but what orders requests. Answers for how many. */
  async purge(beforeMs: number): Promise<number> {
    const filter = odata`resultsSince lt ${new Date(beforeMs).toISOString()}`;
    const pages = this.#table.listEntities({ queryOptions: { filter } }).byPage();
    let purged = 0;
    for await (const page of storagePages('list users with old results', pages)) {
      for (const entity of page) {
        if (await this.#strip(entity)) purged += 1;
      }
    }
    return purged;
  }

  async #strip(entity: unknown): Promise<boolean> {
    const { etag, record, user } = purgeForm.parse(entity);
    const known = parseSipUri(user);
    if (known === undefined) return false;
    const stripped = withoutResults(parseUserRecord(record));
    return (await this.write(known, stripped, etag)) !== 'conflict';
  }
}

/** How old what is kept of the newest request is; undefined where only what orders requests is left. */
function resultsSinceMs({ last, newest }: UserRecord): number | undefined {
  return last?.atMs ?? (newest?.desired === undefined ? undefined : newest.order.requestedAtMs);
}

function shownTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
