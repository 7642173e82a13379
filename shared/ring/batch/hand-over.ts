import type { Invocation, RingDeps } from '../ports/deps.ts';
import { deferralDelayMs } from './deferral-delay.ts';
import type { PartWriter } from './part/writer.ts';
import { asRequeued, type DeferredEntry, delaysOf, requeue } from './requeue.ts';
import { groupByMinute, scheduledOutcome, waitMs } from './schedule.ts';
import type { ItemContext } from './try-item.ts';
import { dueAtMsOf, requestShown, type WorkItem } from './work-item.ts';

/** The part of a run, and the message that it works on. */
interface RunContext extends ItemContext {
  readonly writer: PartWriter;
}

/**
 * Puts the items that are not due into new messages, which wait for their time. Sends the messages before the ledger says
 * `scheduled`: a crash in between repeats work and loses none.
 */
export async function scheduleAll(
  { queues, clock }: Pick<RingDeps, 'queues' | 'clock'>,
  { correlationId }: Pick<Invocation, 'correlationId'>,
  { message, requestedAtMs, writer }: RunContext,
  later: readonly WorkItem[],
): Promise<void> {
  for (const { dueAtMs, items } of groupByMinute(later, (item) => dueAtMsOf(item, requestedAtMs))) {
    const delayMs = waitMs(dueAtMs, clock.nowMs());
    const options = { requestedAtMs, delayMs, isDeferral: false };
    await requeue(queues, message, items.map(asRequeued), options);
    for (const item of items) {
      const waiting = { user: item.user, batch: message.batch, shown: requestShown(item), correlationId };
      const outcome = scheduledOutcome({ ...waiting, dueAtMs: dueAtMsOf(item, requestedAtMs) });
      await writer.handOver(item.entry, outcome);
    }
  }
}

/**
 * Puts the entries that could not be done now into new messages. Sends the messages before the ledger says `deferred`: a
 * crash in between repeats work and loses none.
 */
export async function deferAll(
  { queues, clock, random }: Pick<RingDeps, 'queues' | 'clock' | 'random'>,
  { message, requestedAtMs, writer }: RunContext,
  deferred: readonly DeferredEntry[],
): Promise<void> {
  const usualDelayMs = deferralDelayMs(message.deferrals, random);
  const groups = delaysOf(deferred, clock.nowMs(), usualDelayMs);
  for (const { delayMs, entries } of groups) {
    await requeue(queues, message, entries, { requestedAtMs, delayMs, isDeferral: true });
  }
  const sent = groups.flatMap(({ entries }) => entries);
  for (const { item, outcome } of sent) await writer.handOver(item.entry, outcome);
}
