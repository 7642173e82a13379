import { type BulkMessage, parseQueuedMessage } from '../../../shared/ring/batch/message/message.ts';

/** Reads a bulk message. Throws an Error with the reason where the content is not one. */
export function bulkMessageOf(content: unknown): BulkMessage {
  const parsed = parseQueuedMessage(content);
  if (!parsed.ok) throw new Error(parsed.error.detail);
  const message = parsed.value;
  if (message.schema !== 'simring/bulk/1') throw new Error(`The message is of the kind ${message.schema}.`);
  return message;
}
