import type { DeferredOutcome } from '../model/outcome.ts';
import type { RingDeps } from '../ports/deps.ts';
import { countOutcomes, type PartRecord } from '../ports/ledger.ts';
import { type BulkMessageToSend, bulkSchema, formatBulkMessage, parseBulkMessage } from './message.ts';
import { planMessage } from './plan.ts';
import { splitToFit } from './split.ts';

/** Entries to put on the queue as a batch of our own. */
export interface Submission {
  readonly batch: string;
  readonly source: string;
  readonly requestedAtMs: number;
  readonly dryRun: boolean;
  /** Entries with the properties of a bulk message. */
  readonly entries: readonly unknown[];
  /** The outcome that every entry has in the ledger until its message is processed. */
  readonly outcome: DeferredOutcome;
  readonly delayMs: number;
}

/**
 * Sends entries to the bulk queue, split to fit, and enters them in the ledger. Throws StorageUnavailableError; what was
 * sent by then is processed all the same.
 */
export async function submit(deps: RingDeps, submission: Submission): Promise<void> {
  const messages = messagesOf(submission);
  // Sent first: entries that stand only in the ledger would stay deferred for ever.
  for (const message of messages) {
    await deps.queues.sendBulk(formatBulkMessage(message), submission.delayMs);
  }
  await deps.ledger.registerBatch(submission.batch, submission.requestedAtMs);
  for (const message of messages) await enterPart(deps, submission, message);
}

function messagesOf({
  batch,
  source,
  requestedAtMs,
  dryRun,
  entries,
}: Submission): readonly BulkMessageToSend[] {
  const envelope = {
    schema: bulkSchema,
    batch,
    part: 0,
    parts: 1,
    source,
    requestedAt: new Date(requestedAtMs).toISOString(),
    dryRun,
  } as const;
  const runs = splitToFit(envelope, entries);
  return runs.map((run, part) => ({ ...envelope, part, parts: runs.length, entries: run }));
}

async function enterPart(
  { ledger, rules }: RingDeps,
  { batch, source, requestedAtMs, outcome }: Submission,
  message: BulkMessageToSend,
): Promise<void> {
  const parsed = parseBulkMessage(message);
  if (!parsed.ok) throw new Error('A message of our own is not valid.', { cause: parsed.error });
  const { part, parts = 1 } = parsed.value;
  const plan = planMessage(parsed.value, rules, outcome.correlationId);
  const entries = plan.entries.map((entry) => ({ ...entry, outcome }));
  await ledger.insertEntries({ batch, part }, entries);
  const record: PartRecord = {
    part,
    parts,
    entries: entries.length,
    digest: plan.digest,
    requestedAtMs,
    enteredAtMs: requestedAtMs,
    counts: countOutcomes(entries),
    finished: false,
    source,
  };
  await ledger.writePart(batch, record, undefined);
}
