import type { CallForwardingState, SimulatedUser } from '../types.ts';
import type { Application } from './applications.ts';
import { stateOf } from './call-forwarding.ts';

/** What the server remembers of one person; idle people cost little, so what is rarely needed comes and goes. */
export interface UserRecord {
  /** Where the person stands in the directory; never changes. */
  readonly index: number;
  profile: SimulatedUser;
  /** Index of the home pool. */
  pool: number;
  state: CallForwardingState;
  /** Counts the writes to `state`. */
  version: number;
  wrongPasswords: number;
  locked: boolean;
  applications: Application[] | undefined;
  delayed: DelayedView | undefined;
}

/** The settings as they were before a write that does not show yet. */
interface DelayedView {
  readonly before: CallForwardingState;
  /** How often each resource was read since. */
  readonly reads: Map<string, number>;
}

/** All people, by SIP address, by user name and by index. */
export class Users {
  readonly #poolNames: readonly string[];
  readonly #all: UserRecord[] = [];
  readonly #bySip = new Map<string, UserRecord>();
  readonly #byUsername = new Map<string, UserRecord>();

  constructor(poolNames: readonly string[]) {
    this.#poolNames = poolNames;
  }

  /** Adds a person, or gives one of the same address new rights, another password, another pool, new settings. */
  add(profile: SimulatedUser): void {
    const pool = profile.pool === undefined ? 0 : this.#poolNames.indexOf(profile.pool);
    if (pool < 0) throw new Error(`${profile.sip} is homed on "${profile.pool}", which is no pool here.`);
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

  /** As `find`; throws where there is no such person. */
  get(sip: string): UserRecord {
    const user = this.find(sip);
    if (!user) throw new Error(`The simulator knows no user ${sip}.`);
    return user;
  }

  /** Finds who signs in as `username`: `DOMAIN\name`, or the address as a UPN. */
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

/** Changes a person's settings; with `delayReads` the old ones are shown until every resource was read so often. */
export function writeState(user: UserRecord, state: CallForwardingState, delayReads: number): void {
  user.delayed = delayReads > 0 ? { before: user.state, reads: new Map() } : undefined;
  user.state = state;
  user.version += 1;
}

/** The settings as a read of `resource` shows them now; the read counts. */
export function readState(user: UserRecord, resource: string, delayReads: number): CallForwardingState {
  const delayed = user.delayed;
  if (!delayed) return user.state;
  const reads = (delayed.reads.get(resource) ?? 0) + 1;
  delayed.reads.set(resource, reads);
  return reads <= delayReads ? delayed.before : user.state;
}
