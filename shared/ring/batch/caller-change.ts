import type { Schedule } from '../model/desired-ring.ts';
import type { DeferredOutcome, ScheduledOutcome } from '../model/outcome.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import type { ChangeRequest } from '../user/change-ring.ts';
import { callerSource } from './own-batch.ts';
import { scheduledOutcome, waitMs } from './schedule.ts';
import { submit } from './submit.ts';
import { sendUntils } from './undo/send-untils.ts';

/** A change over HTTP, with its place among all requests for the user. */
export type CallersChange = ChangeRequest & { readonly schedule: Schedule; readonly requestedAtMs: number };

/** Sends the undo of a temporary setting, before anything is set. */
export async function sendUntil(
  deps: RingDeps,
  call: Invocation,
  { order, user, schedule, requestedAtMs, source = callerSource }: CallersChange,
): Promise<void> {
  const { batch, part, entry } = order;
  const temporary = { message: { batch, part, source }, requestedAtMs, hasSummary: false };
  await sendUntils(deps, call, temporary, [{ entry, user, schedule }]);
}

/** Puts a change on the queue that is not due yet. */
export async function scheduleChange(
  deps: RingDeps,
  call: Invocation,
  change: CallersChange,
): Promise<ScheduledOutcome> {
  const { user, desired, schedule, order } = change;
  const dueAtMs = order.effectiveAtMs;
  const shown = { ...desired, ...schedule };
  const { correlationId } = call;
  const outcome = scheduledOutcome({ user, batch: order.batch, shown, dueAtMs, correlationId });
  await enqueue(deps, call, change, { outcome, attempts: 0, delayMs: waitMs(dueAtMs, deps.clock.nowMs()) });
  return outcome;
}

/** Puts a change on the queue as a batch of one entry. */
export async function enqueue(
  deps: RingDeps,
  call: Invocation,
  { user, desired, schedule, requestedAtMs, order, dryRun, source = callerSource }: CallersChange,
  {
    outcome,
    attempts,
    delayMs,
  }: {
    readonly outcome: DeferredOutcome | ScheduledOutcome;
    readonly attempts: number;
    readonly delayMs: number;
  },
): Promise<void> {
  const { batch, entry } = order;
  const submitted = await submit(deps, call, {
    batch,
    source,
    requestedAtMs,
    dryRun,
    entries: [{ user: user.slice('sip:'.length), ...desired, ...schedule, entry, attempts }],
    outcome,
    delayMs,
  });
  if (!submitted.ok) throw new Error(`The batch ${batch} is already used for different content.`);
}
