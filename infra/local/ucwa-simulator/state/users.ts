import type { CallForwardingState, SimulatedUser } from '../types.ts';
import { stateOf } from './call-forwarding.ts';
import type { UserRecord } from './records.ts';

/** All users, by SIP address, by user name and by index. */
export class Users {
  readonly #poolNames: readonly string[];
  readonly #all: UserRecord[] = [];
  readonly #bySip = new Map<string, UserRecord>();
  readonly #byUsername = new Map<string, UserRecord>();

  constructor(poolNames: readonly string[]) {
    this.#poolNames = poolNames;
  }

  /** Adds a user, or replaces rights, password, pool and settings of the user with the same address. Throws for an unknown pool. */
  add(profile: SimulatedUser): void {
    const pool = profile.pool === undefined ? 0 : this.#poolNames.indexOf(profile.pool);
    if (pool < 0) throw new Error(`${profile.sip} is homed on "${profile.pool}", which is not a pool.`);
    const known = this.find(profile.sip);
    if (known) this.#byUsername.delete(known.profile.username.toLowerCase());
    const user = known ? renew(known, profile, pool) : this.#create(profile, pool);
    this.#byUsername.set(profile.username.toLowerCase(), user);
  }

  get size(): number {
    return this.#all.length;
  }

  all(): readonly UserRecord[] {
    return this.#all;
  }

  at(index: number): UserRecord | undefined {
    return this.#all[index];
  }

  find(sip: string): UserRecord | undefined {
    return this.#bySip.get(sip.toLowerCase());
  }

  /** Like `find`; throws for an unknown address. */
  get(sip: string): UserRecord {
    const user = this.find(sip);
    if (!user) throw new Error(`The simulator has no user ${sip}.`);
    return user;
  }

  /** Finds the user who signs in as `username`: `DOMAIN\name`, or the address as a UPN. */
  signingInAs(username: string): UserRecord | undefined {
    const name = username.toLowerCase();
    return this.#byUsername.get(name) ?? (name.includes('@') ? this.#bySip.get(`sip:${name}`) : undefined);
  }

  #create(profile: SimulatedUser, pool: number): UserRecord {
    const user: UserRecord = {
      index: this.#all.length,
      profile,
      pool,
      state: stateOf(profile.settings),
      version: 0,
      wrongPasswords: 0,
      locked: false,
      applications: undefined,
      delayed: undefined,
    };
    this.#all.push(user);
    this.#bySip.set(profile.sip.toLowerCase(), user);
    return user;
  }
}

function renew(user: UserRecord, profile: SimulatedUser, pool: number): UserRecord {
  user.profile = profile;
  user.pool = pool;
  writeState(user, stateOf(profile.settings), 0);
  return user;
}

/** Changes a user's settings; each resource still shows the old ones for its next `delayReads` reads. */
export function writeState(user: UserRecord, state: CallForwardingState, delayReads: number): void {
  user.delayed = delayReads > 0 ? { before: user.state, reads: new Map() } : undefined;
  user.state = state;
  user.version += 1;
}

/** Returns the settings as a read of `resource` shows them now, and counts the read. */
export function readState(user: UserRecord, resource: string, delayReads: number): CallForwardingState {
  const delayed = user.delayed;
  if (!delayed) return user.state;
  const reads = (delayed.reads.get(resource) ?? 0) + 1;
  delayed.reads.set(resource, reads);
  return reads <= delayReads ? delayed.before : user.state;
}
