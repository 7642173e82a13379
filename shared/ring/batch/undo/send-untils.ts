import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { digestOf } from '../message/digest.ts';
import { untilBatch } from '../own-batch.ts';
import { ownerOf } from '../owner.ts';
import type { ChangeItem } from '../work-item.ts';
import { type EntryToUndo, sendUndos } from './send-undos.ts';

/** The part whose temporary settings are to end. */
interface TemporaryPart {
  readonly message: {
    readonly batch: string;
    readonly part: number;
    readonly source?: string | undefined;
  };
  readonly requestedAtMs: number;
  /** True where the sender of the batch reads summaries, and hears of the end of its settings too. */
  readonly hasSummary: boolean;
}

/**
 * Sends the undos of the temporary settings among these items, before anything of them is set. Throws
 * StorageUnavailableError where that fails: nothing may be set then.
 */
export async function sendUntils(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  { message: { batch, part, source }, requestedAtMs, hasSummary }: TemporaryPart,
  items: readonly TemporaryItem[],
): Promise<void> {
  const entries = items.flatMap(temporaryEntry);
  const [first] = entries;
  if (first === undefined) return;
  await sendUndos(deps, call, {
    batch: untilBatch(batch),
    submitted: {
      digest: digestOf(batch),
      requestedAtMs: first.dueAtMs,
      ...(source === undefined ? {} : { source }),
      ...ownerOf(deps, call),
      parts: 0,
      entries: 0,
      undoes: batch,
      ...(hasSummary ? { hasSummary } : {}),
    },
    part,
    requestedAtMs,
    dryRun: false,
    entries,
  });
}

/** An item as far as its undo needs it. */
type TemporaryItem = Pick<ChangeItem, 'entry' | 'user' | 'schedule'> & {
  readonly properties?: Pick<ChangeItem['properties'], 'ref'>;
};

function temporaryEntry({ entry, user, schedule, properties }: TemporaryItem): readonly EntryToUndo[] {
  const { from, until } = schedule;
  return until === undefined ? [] : [{ entry, user, from, ref: properties?.ref, dueAtMs: Date.parse(until) }];
}
