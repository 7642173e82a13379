import type { Outcome } from '../../../shared/ring/model/outcome.ts';
import type { CredentialStore } from '../../../shared/ring/ports/credential-store.ts';
import type { Invocation } from '../../../shared/ring/ports/deps.ts';
import type { RingEvent } from '../../../shared/ring/ports/events.ts';
import type { CallerBudget } from '../../../shared/ring/user/attempt-under-claim.ts';
import { changeRing } from '../../../shared/ring/user/change-ring.ts';
import type { Tried } from '../../../shared/ring/user/tried.ts';
import type { Clock } from '../../../shared/runtime/clock.ts';
import type { UcwaClient } from '../../../shared/ucwa/client.ts';
import { FakeClock } from '../fake-clock.ts';
import { ringMobile } from '../recovery/recovery-harness.ts';
import { alice, sipUri } from '../ucwa/users.ts';
import { MemoryCredentials } from './memory-credentials.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryQueues } from './memory-queues.ts';
import { MemoryUsers } from './memory-users.ts';
import { invocation, ringDeps } from './ring-deps.ts';

export interface ChangeOptions {
  readonly clock?: Clock;
  readonly secrets?: CredentialStore;
  /** Who the ring is for; Alice by default. */
  readonly as?: { readonly sip: string; readonly username: string; readonly password: string };
  readonly budget?: CallerBudget;
  readonly call?: Partial<Invocation>;
}

/** What came of one change, and what was logged of it. */
export interface Changed {
  readonly tried: Tried;
  readonly events: readonly RingEvent[];
  readonly users: MemoryUsers;
}

/** Rings the mobile for a user through a client, from the claim to the outcome, with ports in memory. */
export async function changeOnce(client: UcwaClient, options: ChangeOptions = {}): Promise<Changed> {
  const { clock = new FakeClock({ skipsSleeps: true, realTimeouts: true }), budget, as = alice } = options;
  const user = sipUri(as.sip);
  const secrets = new MemoryCredentials();
  secrets.set(user, as);
  const events: RingEvent[] = [];
  const users = new MemoryUsers();
  const deps = ringDeps({
    ucwa: client,
    credentials: options.secrets ?? secrets,
    clock,
    users,
    ledger: new MemoryLedger(),
    queues: new MemoryQueues(),
    random: () => 0,
  });
  const call = invocation({ log: (event) => void events.push(event), ...options.call });
  const order = { effectiveAtMs: 1, batch: 'one', part: 0, entry: 0 };
  const request = { user, desired: ringMobile, order, dryRun: false };
  const tried = await changeRing(deps, call, budget === undefined ? request : { ...request, budget });
  return { tried, events, users };
}

/** Returns the outcome of a change. Throws where it has none, because no slot was free or the user was claimed. */
export function outcomeOf({ tried }: Pick<Changed, 'tried'>): Outcome {
  if (!('outcome' in tried)) throw new Error(`The change is ${tried.kind}.`);
  return tried.outcome;
}
