import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { hasEnded, standingRequest } from '../../ports/standing-request.ts';
import type { ListedUser } from '../../ports/user-store.ts';
import { allUsers } from '../../user/list-users.ts';
import { checkBatch } from '../own-batch.ts';
import { submit } from '../submit.ts';

/** A check that is on the queue. */
export interface CheckSubmitted {
  readonly batch: string;
  readonly entries: number;
  readonly parts: number;
}

/**
 * Puts a dry run of what stands on the queue, for every user whose ring is not `off` and whose last request has ended. An
 * entry that would apply something shows that the user has drifted. Returns undefined, and sends nothing, where there are no
 * such users. Throws StorageUnavailableError.
 */
export async function checkUsers(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
): Promise<CheckSubmitted | undefined> {
  const { clock, limits, users } = deps;
  const requestedAtMs = clock.nowMs();
  const entries: object[] = [];
  for await (const page of allUsers(users)) {
    entries.push(...page.flatMap((user) => entryFor(user, requestedAtMs, limits.giveUpAfterMs)));
  }
  if (entries.length === 0) return undefined;
  const batch = checkBatch(deps.newId());
  const submitted = await submit(deps, call, { batch, requestedAtMs, dryRun: true, entries, delayMs: 0 });
  if (!submitted.ok) throw new Error(`The batch ${batch} is already used for different content.`);
  return { batch, entries: entries.length, parts: submitted.value.parts };
}

/** Returns the entry that asks for what stands; none where there is nothing to check. */
function entryFor({ user, record }: ListedUser, nowMs: number, giveUpAfterMs: number): readonly object[] {
  const { desired } = standingRequest(record) ?? {};
  const isToCheck = desired !== undefined && desired.ring !== 'off' && hasEnded(record, nowMs, giveUpAfterMs);
  return isToCheck ? [{ user: user.slice('sip:'.length), ...desired }] : [];
}
