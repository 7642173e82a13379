import type { Queues } from '../ports/queues.ts';
import { type BulkMessage, formatBulkMessage, messageLimitBytes } from './message.ts';
import type { WorkItem } from './plan.ts';

/** An entry that goes on in another message. */
export interface RequeuedEntry {
  readonly item: WorkItem;
  readonly attempts: number;
}

/**
 * Sends entries on, one hop later, in as many messages as they need: what came as plain JSON may not fit into one
 * message of ours, which is base64.
 */
export async function requeue(
  queues: Queues,
  message: BulkMessage,
  entries: readonly RequeuedEntry[],
  { requestedAtMs, delayMs, isDeferral }: { requestedAtMs: number; delayMs: number; isDeferral: boolean },
): Promise<void> {
  const envelope = {
    ...message,
    requestedAt: new Date(requestedAtMs).toISOString(),
    generation: message.generation + 1,
    deferrals: message.deferrals + (isDeferral ? 1 : 0),
  };
  const words = entries.map(({ item, attempts }) => ({ ...item.properties, entry: item.entry, attempts }));
  const room = messageLimitBytes - bytesOf({ ...envelope, entries: [] });
  for (const some of fitInto(room, words)) {
    await queues.sendBulk(formatBulkMessage({ ...envelope, entries: some }), delayMs);
  }
}

/** Splits what is to be sent into runs that fit, each at least one long. */
function fitInto<T>(room: number, items: readonly T[]): readonly (readonly T[])[] {
  const runs: T[][] = [];
  let left = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + 1;
    const run = runs.at(-1);
    if (run === undefined || bytes > left) {
      runs.push([item]);
      left = room - bytes;
    } else {
      run.push(item);
      left -= bytes;
    }
  }
  return runs;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
