import { isJsonObject } from '../../../runtime/json.ts';
import { cutText, detailMaxLength } from '../../model/stored-text.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { formatRejection } from '../summary.ts';
import { decodeContent } from './content.ts';
import { digestOf } from './digest.ts';
import type { NamedBatch, UnreadableMessage } from './unreadable-message.ts';

/** A delivery as far as a rejected message needs it. */
export interface RejectedDelivery {
  readonly content: unknown;
  /** The queue's own id of the message: the same at each delivery. */
  readonly messageId?: string | undefined;
}

/**
 * Ends a message that names a batch and is not a bulk message: the batch lists it, and a summary tells its sender. It takes
 * no part number, so its part stays missing. A second delivery changes nothing and sends the same summary. Throws
 * StorageUnavailableError where the message must come back.
 *
 *     batch registered, so that the purge finds it ──► row ──► summary ──► message deleted
 */
export async function rejectMessage(
  { ledger, queues, clock }: Pick<RingDeps, 'ledger' | 'queues' | 'clock'>,
  { log, correlationId }: Pick<Invocation, 'log' | 'correlationId'>,
  delivery: RejectedDelivery,
  { detail, reasons }: UnreadableMessage,
  { batch, part }: NamedBatch,
): Promise<void> {
  const nowMs = clock.nowMs();
  const place = part === undefined ? {} : { part };
  const messageId = messageIdOf(delivery);
  const rejected = { messageId, ...place, reason: cutText(detail, detailMaxLength), atMs: nowMs };
  await ledger.registerBatch(batch, nowMs);
  await ledger.addRejectedMessage(batch, rejected);
  await queues.sendResults(formatRejection(batch, rejected));
  log({ event: 'message-rejected', level: 'warn', correlationId, batch, ...place, reasons });
}

/** Returns the queue's id, or a digest of the content where a property named `id` hides it or the host gave none. */
function messageIdOf({ content, messageId }: RejectedDelivery): string {
  const isOurs = messageId !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(messageId) && !hasOwnId(content);
  return isOurs ? messageId : digestOf(content);
}

/** The host lets top-level properties override its metadata, and compares the names without case. */
function hasOwnId(content: unknown): boolean {
  const decoded = decodeContent(content);
  if (!decoded.ok || !isJsonObject(decoded.value)) return false;
  return Object.keys(decoded.value).some((name) => name.toLowerCase() === 'id');
}
