import type { Invocation, RingDeps } from '../ports/deps.ts';
import type { BatchRecord, SubmittedBatch } from '../ports/ledger.ts';
import type { QueuedMessage } from './message/message.ts';

/** What the row of a batch says of the identified caller who submitted it; empty with function keys. */
export type Owner = Pick<SubmittedBatch, 'by' | 'ticket'>;

/** Returns the owner of a batch that this call submits. */
export function ownerOf({ newId }: Pick<RingDeps, 'newId'>, { by }: Pick<Invocation, 'by'>): Owner {
  return by === undefined ? {} : { by, ticket: newId() };
}

/**
 * True for a message that may belong to the batch. Senders who can write to the queue, and not read it, cannot know the ticket of
 * a batch that an identified caller submitted: what they send under its name is not that caller's.
 */
export function belongsTo({ submitted }: Pick<BatchRecord, 'submitted'>, { ticket }: QueuedMessage): boolean {
  return submitted?.ticket === undefined || submitted.ticket === ticket;
}
