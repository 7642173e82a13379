import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';
import type { OutcomeName } from '../../../shared/ring/model/outcome.ts';
import type { RequestOrder } from '../../../shared/ring/model/request-order.ts';
import type { RingState } from '../../../shared/ring/model/ring-state.ts';
import type { Claim, ClaimResult } from '../../../shared/ring/user/claim.ts';
import { type ClaimedToChange, claimToChange, claimToRead } from '../../../shared/ring/user/claim-user.ts';
import { sip, tel } from './addresses.ts';
import { MemoryUsers } from './memory-users.ts';
import { outcomeOf } from './outcomes.ts';
import type { Turns } from './turns.ts';

export const alice = sip('alice@contoso.com');
export const desired: DesiredRing = { ring: 'contact', target: tel('tel:+14255550123') };
export const startMs = 1_000_000;
export const durationMs = 120_000;
/** The end of a claim that was made at the start. */
export const expiryMs = startMs + durationMs;

/** Returns the order of a request that is the only one of its batch. */
export function order(effectiveAtMs: number): RequestOrder {
  return { effectiveAtMs, batch: `b-${effectiveAtMs}`, part: 0, entry: 0 };
}

/** Returns the result of an attempt that ended a change. */
export function ended(
  of: RequestOrder,
  outcome: OutcomeName,
  mayHaveWritten = false,
  before: RingState | undefined = undefined,
): ClaimResult {
  const change = { order: of, outcome: outcomeOf(outcome), mayHaveWritten, before };
  return { ...readOnly, change: { ...change, shownAs: undefined, unansweredToRestore: undefined } };
}

/** Returns the result of an attempt that only read, and in which UCWA refused a version of the secret or none. */
export function refused(version: string | undefined): ClaimResult {
  return { ...readOnly, signIns: { refusedVersion: version, signIns: undefined } };
}

/** The result of an attempt that only read. */
export const readOnly: ClaimResult = {
  change: undefined,
  signIns: { refusedVersion: undefined, signIns: undefined },
  nowMs: startMs,
};

interface ClaimOptions {
  readonly nowMs?: number;
  readonly claimId?: string;
}

/** Claims of the user alice. */
export class ClaimHarness {
  readonly users: MemoryUsers;
  #claims = 0;

  constructor(turns?: Turns) {
    this.users = new MemoryUsers(turns);
  }

  /** Claims the user for a request, or for reading where it is undefined; by default at the start. */
  claim(of: RequestOrder | undefined, options: ClaimOptions = {}): Promise<ClaimedToChange> {
    this.#claims += 1;
    const { nowMs = startMs, claimId = `claim-${this.#claims}` } = options;
    const request = { user: alice, claimId, nowMs, durationMs };
    return of === undefined
      ? claimToRead(this.users, request)
      : claimToChange(this.users, request, { order: of, desired });
  }

  /** Claims the user, and throws where that is not possible. */
  async hold(of: RequestOrder | undefined, options: ClaimOptions = {}): Promise<Claim> {
    const claimed = await this.claim(of, options);
    if (claimed.kind !== 'claimed') throw new Error(`The claim is ${claimed.kind}.`);
    return claimed.claim;
  }
}
