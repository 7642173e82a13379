import type { CallForwardingState, SimulatedUser } from '../types.ts';

/** The fields of a client's request for an application. */
export interface ApplicationRequest {
  readonly culture: string;
  readonly endpointId: string;
  readonly userAgent: string;
}

/** A client's application at its user's pool. */
export interface Application extends ApplicationRequest {
  readonly id: string;
  readonly user: UserRecord;
  readonly pool: number;
  /** Part of the queries that links carry. */
  readonly nonce: string;
  /** URIs of the contacts that links named so far; the position of each gives its id. */
  readonly contacts: string[];
  /** True once a write was received, whatever became of it, since the client last asked for this application. */
  hasReceivedWrite: boolean;
  expiresAt: number;
}

/** The state of one user. Idle users must cost little memory, so that rarely needed fields are undefined until they are needed. */
export interface UserRecord {
  /** Position among all users; never changes. */
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

/** The settings from before a write that reads do not show yet. */
export interface DelayedView {
  readonly before: CallForwardingState;
  /** Number of reads of each resource since the write. */
  readonly reads: Map<string, number>;
}
