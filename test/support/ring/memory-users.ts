import { encodeAddress } from '../../../shared/ring/model/address-key.ts';
import { ContinuationUnknownError } from '../../../shared/ring/ports/ledger.ts';
import { purgedRecord } from '../../../shared/ring/ports/retention.ts';
import { isWanted } from '../../../shared/ring/ports/standing-request.ts';
import type {
  ListedUser,
  StoredUser,
  UserFilter,
  UserPage,
  UserRecord,
  UserStore,
} from '../../../shared/ring/ports/user-store.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { type Turns, takeTurn } from './turns.ts';

/** Users in memory, kept as JSON with an etag that every write changes, as tables do. */
export class MemoryUsers implements UserStore {
  readonly #turns: Turns;
  readonly #stored = new Map<SipUri, { json: string; etag: string }>();
  #writes = 0;
  #responsesToLose = 0;

  constructor(turns: Turns = {}) {
    this.#turns = turns;
  }

  read(user: SipUri): Promise<StoredUser> {
    return takeTurn(this.#turns, `read ${user}`, () => {
      const stored = this.#stored.get(user);
      return stored === undefined
        ? { record: {}, etag: undefined }
        : { record: JSON.parse(stored.json), etag: stored.etag };
    });
  }

  write(user: SipUri, record: UserRecord, etag: string | undefined): Promise<{ etag: string } | 'conflict'> {
    const json = JSON.stringify(record);
    return takeTurn(this.#turns, `write ${user}`, () => {
      if (this.#stored.get(user)?.etag !== etag) return 'conflict';
      this.#writes += 1;
      const next = `W/"${this.#writes}"`;
      this.#stored.set(user, { json, etag: next });
      if (this.#responsesToLose === 0) return { etag: next };
      this.#responsesToLose -= 1;
      return 'conflict';
    });
  }

  delete(user: SipUri, etag: string): Promise<void> {
    return takeTurn(this.#turns, `write ${user}`, () => {
      if (this.#stored.get(user)?.etag === etag) this.#stored.delete(user);
    });
  }

  list({
    continuation,
    limit,
    ...wanted
  }: UserFilter & { continuation?: string; limit: number }): Promise<UserPage> {
    return takeTurn(this.#turns, 'list users', () => {
      if (!/^[a-z0-9-]{1,1000}$/.test(continuation ?? '-')) throw new ContinuationUnknownError();
      const users = [...this.#stored]
        .map(([user, { json }]): ListedUser => ({ user, record: JSON.parse(json) }))
        .filter(
          ({ user, record }) =>
            user.startsWith(`sip:${wanted.user ?? ''}`) && isWanted({ user, record }, wanted),
        )
        .filter(({ user }) => encodeAddress(user) > (continuation ?? ''))
        .sort((a, b) => (encodeAddress(a.user) < encodeAddress(b.user) ? -1 : 1));
      const page = users.slice(0, limit);
      const last = page.at(-1);
      if (users.length === page.length || last === undefined) return { users: page };
      return { users: page, continuation: encodeAddress(last.user) };
    });
  }

  /** Does the same as the purge of the tables, with all rows taken for old. Returns how many it changed. */
  async purge(clock: { nowMs(): number }): Promise<number> {
    const listed = await takeTurn(this.#turns, 'list users', () => [...this.#stored]);
    let purged = 0;
    for (const [user, { json, etag }] of listed) {
      const record = purgedRecord(JSON.parse(json), clock.nowMs());
      if (record !== undefined && (await this.write(user, record, etag)) !== 'conflict') purged += 1;
    }
    return purged;
  }

  /** Loses the response of the next write: the storage client repeats it, and the repetition meets what was written. */
  loseNextResponse(): void {
    this.#responsesToLose += 1;
  }

  /** Returns what is stored, without a turn. */
  peek(user: SipUri): UserRecord {
    return JSON.parse(this.#stored.get(user)?.json ?? '{}');
  }

  /** How many writes took effect. */
  get writes(): number {
    return this.#writes;
  }
}
