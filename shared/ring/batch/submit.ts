import { formatTime } from '../../runtime/format-time.ts';
import { failed, type Result, success } from '../../runtime/result.ts';
import type { DeferredOutcome, ScheduledOutcome } from '../model/outcome.ts';
import type { Invocation, RingDeps } from '../ports/deps.ts';
import { unexpectedError } from '../ports/events.ts';
import type { RegisteredBatch } from '../ports/ledger.ts';
import { StorageUnavailableError } from '../ports/storage-error.ts';
import { digestOfAll } from './message/digest.ts';
import { maxParts } from './message/envelope.ts';
import { type BulkMessageToSend, bulkSchema, formatMessage, validateBulkMessage } from './message/message.ts';
import { splitToFit } from './message/split.ts';
import { type Owner, ownerOf } from './owner.ts';
import { partRecord } from './part/open.ts';
import { planMessage } from './plan.ts';

/** Entries to put on the queue as a batch of our own. */
export interface Submission {
  readonly batch: string;
  readonly source?: string;
  readonly requestedAtMs: number;
  readonly dryRun: boolean;
  /** Entries with the properties of a bulk message. */
  readonly entries: readonly unknown[];
  /** The outcome that every entry has in the ledger until its message is processed; absent where the messages enter them. */
  readonly outcome?: DeferredOutcome | ScheduledOutcome;
  readonly delayMs: number;
}

/** What became of a submission whose messages are all on the queue. */
export interface Submitted {
  /** The time of the request: a submission that is repeated keeps its first. */
  readonly requestedAtMs: number;
  readonly parts: number;
  /** True where the batch was submitted before; only the parts that had not come were sent. */
  readonly isRepeated: boolean;
  /** True where it was cancelled since: what was sent now ends as cancelled too. */
  readonly isCancelled: boolean;
}

/**
 * Puts entries on the bulk queue, split to fit. First the batch's row is written, so that a batch which is only half sent
 * can be found and completed by the same submission; then the messages are sent; then the entries are entered in the
 * ledger, which the messages would do as well.
 *
 *     row impossible ──► error, nothing sent     sending stops half-way ──► error that names the batch
 *     all sent ──► success, whatever fails after
 *
 * Fails with `batch-exists` where the batch's name is already used for different content. Throws StorageUnavailableError.
 */
export async function submit(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  submission: Submission,
): Promise<Result<Submitted, 'batch-exists'>> {
  const { batch, dryRun, entries } = submission;
  const digest = digestOfAll(dryRun, entries);
  const owner = ownerOf(deps, call);
  const runs = splitToFit(envelopeOf({ ...submission, ...owner }, maxParts - 1, maxParts), entries);
  const sizes = runs.map(({ length }) => length);
  const { submitted, existed, cancelled } = await register(deps, submission, { digest, sizes, ...owner });
  if (submitted?.digest !== digest) return failed('batch-exists');
  const { source: _ours, ...others } = submission;
  const { requestedAtMs, source, ticket } = submitted;
  const first = {
    ...others,
    requestedAtMs,
    ...(source === undefined ? {} : { source }),
    ...(ticket === undefined ? {} : { ticket }),
  };
  const messages = messagesOf(first, submitted.sizes ?? sizes);
  const come = new Set(existed ? (await deps.ledger.readParts(batch)).map(({ part }) => part) : []);
  const missing = messages.filter(({ part }) => !come.has(part));
  await sendAll(deps, submission, missing);
  if (submission.outcome !== undefined) await enterParts(deps, call, batch, submission.outcome, missing);
  const isCancelled = existed && cancelled;
  return success({ requestedAtMs, parts: messages.length, isRepeated: existed, isCancelled });
}

/** True where a submission would fail with `batch-exists`. */
export async function isNameTaken(
  { ledger }: Pick<RingDeps, 'ledger'>,
  { batch, dryRun, entries }: Pick<Submission, 'batch' | 'dryRun' | 'entries'>,
): Promise<boolean> {
  const record = await ledger.readBatch(batch);
  if (record?.submitted !== undefined) return record.submitted.digest !== digestOfAll(dryRun, entries);
  return record?.cancelled === true || (await ledger.readParts(batch)).length > 0;
}

/**
 * Writes the batch's row, unless it is there. A name that only rejected messages used is still free: none of their entries
 * was read.
 */
async function register(
  { ledger, clock }: RingDeps,
  { batch, source, requestedAtMs, entries }: Submission,
  { digest, sizes, ...owner }: { readonly digest: string; readonly sizes: readonly number[] } & Owner,
): Promise<RegisteredBatch> {
  const announced = {
    digest,
    requestedAtMs,
    ...owner,
    ...(source === undefined ? {} : { source }),
    parts: sizes.length,
    entries: entries.length,
    sizes,
  };
  const nowMs = clock.nowMs();
  const registered = await ledger.registerBatch(batch, nowMs, announced);
  if (registered.submitted !== undefined || registered.cancelled) return registered;
  if ((await ledger.readParts(batch)).length > 0) return registered;
  return await ledger.announceBatch(batch, nowMs, announced);
}

/** A message of a submission, with its place among the others. */
type PartToSend = BulkMessageToSend & {
  readonly part: number;
  readonly parts: number;
  readonly requestedAt: string;
};

/** Splits the entries into messages of the given sizes. */
function messagesOf(
  submission: Submission & Pick<Owner, 'ticket'>,
  sizes: readonly number[],
): readonly PartToSend[] {
  let from = 0;
  return sizes.map((size, part) => {
    const entries = submission.entries.slice(from, from + size);
    from += size;
    return { ...envelopeOf(submission, part, sizes.length), entries };
  });
}

function envelopeOf(
  { batch, source, ticket, requestedAtMs, dryRun }: Submission & Pick<Owner, 'ticket'>,
  part: number,
  parts: number,
) {
  return {
    schema: bulkSchema,
    batch,
    part,
    parts,
    ...(source === undefined ? {} : { source }),
    requestedAt: formatTime(requestedAtMs),
    dryRun,
    ...(ticket === undefined ? {} : { ticket }),
  } as const;
}

async function sendAll(
  { queues }: RingDeps,
  { batch, delayMs }: Submission,
  messages: readonly PartToSend[],
): Promise<void> {
  for (const [sent, message] of messages.entries()) {
    try {
      await queues.sendBulk(formatMessage(message), delayMs);
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
      const done = `Of the ${messages.length} messages of the batch ${batch}, ${sent} were sent for certain.`;
      const advice = 'Read the batch to see what comes of it, or send the same again to complete it.';
      throw new StorageUnavailableError(`${error.message} ${done} ${advice}`, { cause: error });
    }
  }
}

/** What fails here is told to nobody: the messages are sent, and enter their entries themselves. */
async function enterParts(
  deps: RingDeps,
  { log, correlationId }: Pick<Invocation, 'log' | 'correlationId'>,
  batch: string,
  outcome: DeferredOutcome | ScheduledOutcome,
  messages: readonly PartToSend[],
): Promise<void> {
  try {
    for (const message of messages) await enterPart(deps, batch, outcome, message);
  } catch (error) {
    log(
      error instanceof StorageUnavailableError
        ? { event: 'storage-unavailable', level: 'warn', correlationId, detail: error.message }
        : unexpectedError(error, correlationId),
    );
  }
}

async function enterPart(
  { ledger, rules }: RingDeps,
  batch: string,
  outcome: DeferredOutcome | ScheduledOutcome,
  message: PartToSend,
): Promise<void> {
  const parsed = validateBulkMessage(message);
  if (!parsed.ok) throw new Error('A message of our own is not valid.', { cause: parsed.error });
  const { part } = message;
  const requestedAtMs = Date.parse(message.requestedAt);
  const plan = planMessage(parsed.value, requestedAtMs, rules, outcome.correlationId);
  const entries = plan.entries.map((entry) => ({ ...entry, outcome }));
  await ledger.insertEntries({ batch, part }, entries);
  const times = { requestedAtMs, enteredAtMs: requestedAtMs };
  const record = partRecord(parsed.value, times, { entries, digest: plan.digest });
  await ledger.writePart(batch, record, undefined);
}
