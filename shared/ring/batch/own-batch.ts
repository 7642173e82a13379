import { createHash } from 'node:crypto';
import type { BatchRecord } from '../ports/ledger.ts';
import { nameOfHash } from './name-of-hash.ts';

/** Where the batch of a deferred change says it came from, unless its caller told a source of its own. */
export const callerSource = 'http';

/** Returns the name of the batch in which the change of a caller over HTTP continues. */
export function callerBatch(id: string): string {
  return `${callerSource}-${id}`;
}

/** Returns the name of a batch that checks what stands. */
export function checkBatch(id: string): string {
  return `check-${id}`;
}

/** Returns the name of the batch that ends the temporary settings of another one. */
export function untilBatch(batch: string): string {
  return nameOfHash('until-', hashOfName(batch));
}

/** Returns the name of the batch that undoes another one: the same each time. */
export function undoBatch(batch: string): string {
  return nameOfHash('undo-', hashOfName(batch));
}

/** Returns the name of a dry run of an undo. */
export function undoDryRun(id: string): string {
  return `undo-${id}`;
}

function hashOfName(batch: string): Buffer {
  return createHash('sha256').update(batch).digest();
}

/** A prefix of ours and a UUID or a hash: a batch that a sender calls `check-2026` is not one of ours. */
const ownName =
  /^(?:(?:http|check|undo)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:until|undo)-[a-z2-7]{26})$/;

/** True for the name of a batch that we named ourselves. */
export function isNamedByUs(batch: string): boolean {
  return ownName.test(batch);
}

/**
 * True for a batch that we put on the queue for a caller, who watches it over HTTP; the system that reads summaries did not
 * send it. It has a row that we wrote before its messages were sent; in 0.1 only name and source told one. An undo by its
 * `until` counts as sent by whoever sent what it undoes.
 */
export function isSubmittedByUs(
  { batch, submitted }: Pick<BatchRecord, 'batch' | 'submitted'>,
  source: string | undefined,
): boolean {
  if (submitted?.hasSummary === true) return false;
  return submitted !== undefined || (batch.startsWith(callerBatch('')) && source === callerSource);
}
