import type { Outcome } from '../model/outcome.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { finalOutcomeOf, isOvertaken, mayHaveWritten, type UserRecord } from '../ports/user-store.ts';
import { supersededOutcome } from '../user/change-outcome.ts';
import { type ChangeRequest, changeRing } from '../user/change-ring.ts';
import { logRingChanged, type PossibleChange } from '../user/ring-changed.ts';
import type { Tried } from '../user/tried.ts';
import { type UndoRequest, undoRing } from '../user/undo-ring.ts';
import type { QueuedMessage } from './message/message.ts';
import { type ChangeItem, orderOfItem, type UndoItem, type WorkItem } from './work-item.ts';

/** The message that an item belongs to, and when its part was requested. */
export interface ItemContext {
  readonly message: QueuedMessage;
  readonly requestedAtMs: number;
}

/** Tries an item once: sets a ring, or ends the setting of another request. */
export function tryItem(
  deps: RingDeps,
  call: Invocation,
  context: ItemContext,
  item: WorkItem,
): Promise<Tried> {
  return item.kind === 'change'
    ? changeRing(deps, call, changeOf(item, context))
    : undoRing(deps, call, undoOf(item, context));
}

function changeOf(item: ChangeItem, context: ItemContext): ChangeRequest {
  const { user, desired, schedule } = item;
  return { user, desired, schedule, ...requestOf(item, context) };
}

function undoOf(item: UndoItem, context: ItemContext): UndoRequest {
  return { user: item.user, undoes: item.undoes, ...requestOf(item, context) };
}

function requestOf(item: WorkItem, { message, requestedAtMs }: ItemContext) {
  const { batch, part, dryRun, source } = message;
  return { order: orderOfItem(item, { batch, part, requestedAtMs }), dryRun, source };
}

/** Returns the outcome that the user's record shows for an item: done, or superseded. */
export function knownOutcome(
  call: Invocation,
  item: WorkItem,
  context: ItemContext,
  record: UserRecord,
): Outcome | undefined {
  const { order } = requestOf(item, context);
  const isSuperseded = item.kind === 'change' && !context.message.dryRun && isOvertaken(record, order);
  return isSuperseded
    ? supersededOutcome(call, changeOf(item, context), record.newest?.order)
    : finalOutcomeOf(record, order);
}

/** True where an earlier attempt at an item may have written to UCWA. */
export function isStarted(record: UserRecord, item: WorkItem, context: ItemContext): boolean {
  return mayHaveWritten(record, requestOf(item, context).order);
}

/** Logs that a change which may have been written has ended without another try. */
export function logGivenUp(
  call: Invocation,
  item: WorkItem,
  context: ItemContext,
  outcome: Outcome,
  change: PossibleChange | undefined,
): void {
  if (item.kind === 'undo') return;
  logRingChanged(call, { ...changeOf(item, context), ring: item.desired.ring }, outcome, change);
}

/** Logs an undo that has failed for good: its setting stands although it was to end. */
export function logIfUndoFailed(
  { log, correlationId }: Invocation,
  item: WorkItem,
  { message: { batch, dryRun } }: ItemContext,
  outcome: Outcome,
): void {
  if (item.kind !== 'undo' || dryRun || outcome.outcome !== 'failed') return;
  const { user, undoes } = item;
  const { code } = outcome;
  log({ event: 'undo-failed', level: 'error', correlationId, user, batch, undoes: undoes.batch, code });
}
