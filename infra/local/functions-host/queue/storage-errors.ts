import { RestError } from '@azure/storage-queue';

const lostCodes = new Set([
  'PopReceiptMismatch',
  'MessageNotFound',
  'QueueNotFound',
  'QueueBeingDeleted',
  'QueueDisabled',
]);

/** True when the message can no longer be completed: another receiver has it, or it or its queue is gone. */
export function isMessageLost(error: unknown): boolean {
  return error instanceof RestError && lostCodes.has(error.code ?? '');
}

/** True when the queue does not exist. */
export function isQueueMissing(error: unknown): boolean {
  return error instanceof RestError && error.code === 'QueueNotFound';
}

/** Returns a storage error in one line, without the request. */
export function describeStorageError(error: unknown): string {
  if (error instanceof RestError)
    return `${error.code ?? error.statusCode ?? error.name} ${firstLine(error.message)}`;
  return firstLine(String(error));
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
