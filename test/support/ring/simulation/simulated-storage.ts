import type { Ledger, StoredEntry } from '../../../../shared/ring/ports/ledger.ts';
import type { UserRecord, UserStore } from '../../../../shared/ring/ports/user-store.ts';
import type { SipUri } from '../../../../shared/ucwa/uri.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { MemoryUsers } from '../memory-users.ts';
import type { Call, Turns } from '../turns.ts';

/** All stored entries, by `batch|part`. */
export type SeenEntries = ReadonlyMap<string, readonly StoredEntry[]>;

/** Storage that several workers share. Each operation takes its turns; tests read entries and users without one. */
export interface SimulatedStorage {
  readonly ledger: Ledger;
  readonly users: UserStore;
  /** True for a call that may have changed entries. */
  readonly writesEntries: (call: Call) => boolean;
  seeEntries(): SeenEntries | Promise<SeenEntries>;
  seeUser(user: SipUri): Promise<UserRecord>;
}

export type OpenStorage = (turns: Turns) => SimulatedStorage;

/** Storage in memory, with etags and transactions as tables have them. */
export const openMemory: OpenStorage = (turns) => {
  const ledger = new MemoryLedger(turns);
  const users = new MemoryUsers(turns);
  return {
    ledger,
    users,
    writesEntries: (call) => /^(insert|write)-entries/.test(call),
    seeEntries: () => ledger.peekAll(),
    seeUser: async (user) => users.peek(user),
  };
};
