import * as z from 'zod';
import { parseTime } from '../../model/time.ts';
import { isNamedByUs } from '../own-batch.ts';
import { parseQueuedMessage } from './message.ts';
import { undoSchema } from './undo-message.ts';

const fromSchema = z.object({ from: z.string() });

/**
 * Returns when a message that we hid until its time is due; undefined for every other one, whose age counts from its
 * enqueuing.
 */
export function hiddenUntilMs(content: unknown): number | undefined {
  const parsed = parseQueuedMessage(content);
  if (!parsed.ok) return undefined;
  const message = parsed.value;
  if (message.schema === undoSchema) return Date.parse(message.requestedAt);
  if (message.generation === 0 && !isNamedByUs(message.batch)) return undefined;
  const times = message.entries.flatMap((entry) => {
    const read = fromSchema.safeParse(entry);
    const time = read.success ? parseTime(read.data.from) : undefined;
    return time?.ok === true ? [time.value] : [];
  });
  return times.length === 0 ? undefined : Math.max(...times);
}
