import { formatTime } from '../../runtime/format-time.ts';
import type { DesiredRing, Schedule } from '../model/desired-ring.ts';
import { type ScheduledOutcome, withoutAttempt } from '../model/outcome.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The longest visibility of a message that waits; queues take seven days at most. */
const maxVisibilityMs = 6 * dayMs;

/** Items that wait in one message until all of them are due. */
export interface ScheduledGroup<Item> {
  readonly dueAtMs: number;
  readonly items: readonly Item[];
}

/** Groups items by the minute in which they are due: each group waits in one message, until the last of it is due. */
export function groupByMinute<Item>(
  items: readonly Item[],
  dueAtMsOf: (item: Item) => number,
): readonly ScheduledGroup<Item>[] {
  const groups = Map.groupBy(items, (item) => Math.floor(dueAtMsOf(item) / minuteMs));
  return [...groups.values()].map((group) => ({ dueAtMs: Math.max(...group.map(dueAtMsOf)), items: group }));
}

/** Returns for how long a message is hidden that is due at a time; it is requeued until then. */
export function waitMs(dueAtMs: number, nowMs: number): number {
  return Math.min(Math.max(dueAtMs - nowMs, 1_000), maxVisibilityMs);
}

/** A request that waits, and when it is due; `shown` is what it asked for. */
interface Waiting {
  readonly user: string;
  readonly batch: string;
  readonly shown: Partial<DesiredRing> & Schedule;
  readonly dueAtMs: number;
  readonly correlationId: string;
}

/** Returns the outcome of a request that waits for its time. */
export function scheduledOutcome(waiting: Waiting): ScheduledOutcome {
  const { user, batch, shown, dueAtMs, correlationId } = waiting;
  const nextTryAt = formatTime(dueAtMs);
  return {
    ...withoutAttempt(user, correlationId),
    outcome: 'scheduled',
    ...shown,
    nextTryAt,
    detail: `It is due at ${nextTryAt} and waits in the queue until then. To prevent it, cancel the batch "${batch}".`,
  };
}
