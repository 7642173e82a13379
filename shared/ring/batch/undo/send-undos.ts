import { formatTime } from '../../../runtime/format-time.ts';
import type { SipUri } from '../../../ucwa/uri.ts';
import { cutText } from '../../model/stored-text.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { unexpectedError } from '../../ports/events.ts';
import type { LedgerEntry, PartKey, SubmittedBatch } from '../../ports/ledger.ts';
import { StorageUnavailableError } from '../../ports/storage-error.ts';
import { digestOf } from '../message/digest.ts';
import { formatMessage } from '../message/message.ts';
import { splitToFit } from '../message/split.ts';
import { type UndoEntry, type UndoMessage, undoSchema } from '../message/undo-message.ts';
import { countedPart } from '../part/counted.ts';
import { groupByMinute, scheduledOutcome, waitMs } from '../schedule.ts';
import { planUndo } from './plan-undo.ts';

/** An entry whose setting is to end. */
export interface EntryToUndo {
  readonly entry: number;
  readonly user: SipUri;
  /** What the entry asked for. */
  readonly from?: string | undefined;
  /** The sender's own key of the entry. */
  readonly ref?: string | undefined;
  readonly dueAtMs: number;
}

/** The undo of entries of one part. */
export interface UndosToSend {
  /** The batch of the undo, as it is registered unless it is there. */
  readonly batch: string;
  readonly submitted: SubmittedBatch & { readonly undoes: string };
  readonly part: number;
  /** When the part that is undone was requested. */
  readonly requestedAtMs: number;
  readonly dryRun: boolean;
  readonly entries: readonly EntryToUndo[];
}

/** The first generation of an undo message: several messages may carry entries of one part, as after a requeue. */
const firstGeneration = 1;

/**
 * Sends one message for each time at which settings are to end, unless it was sent before: its entries are then in the
 * ledger. Throws StorageUnavailableError where that cannot be made sure.
 *
 *     batch registered ──► entries there? skip those ──► messages sent ──► entries entered
 *                                                              └ crash: they are sent twice, and undone once
 */
export async function sendUndos(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  undos: UndosToSend,
): Promise<void> {
  const { ledger, queues, clock } = deps;
  const { batch, submitted, part, entries } = undos;
  const registered = await ledger.registerBatch(batch, clock.nowMs(), submitted);
  const { ticket } = registered.submitted ?? submitted;
  const entered = new Set((await ledger.readEntries({ batch, part })).map(({ entry }) => entry));
  const missing = entries.filter(({ entry }) => !entered.has(entry));
  if (missing.length === 0) return;
  const messages = messagesOf(undos, missing, ticket);
  for (const { message, dueAtMs } of messages) {
    await queues.sendBulk(formatMessage(message), waitMs(dueAtMs, clock.nowMs()));
  }
  await enterAll(deps, call, { batch, part }, submitted, messages);
}

interface MessageToSend {
  readonly message: UndoMessage;
  readonly dueAtMs: number;
}

function messagesOf(
  { batch, submitted, part, requestedAtMs, dryRun }: UndosToSend,
  entries: readonly EntryToUndo[],
  ticket: string | undefined,
): readonly MessageToSend[] {
  const { source, undoes } = submitted;
  return groupByMinute(entries, ({ dueAtMs }) => dueAtMs).flatMap(({ dueAtMs, items }) => {
    const envelope = {
      schema: undoSchema,
      batch,
      part,
      ...(source === undefined ? {} : { source }),
      dryRun,
      ...(ticket === undefined ? {} : { ticket }),
      deferrals: 0,
      generation: firstGeneration,
      undoes: { batch: undoes, requestedAt: formatTime(requestedAtMs) },
      requestedAt: formatTime(dueAtMs),
    } as const;
    const named = items.map(
      ({ entry, user, from, ref }): UndoEntry => ({ user: user.slice('sip:'.length), entry, from, ref }),
    );
    return splitToFit(envelope, named).map((some) => ({
      message: { ...envelope, entries: [...some] },
      dueAtMs,
    }));
  });
}

/** What fails here is told to nobody: the messages are sent, and enter their entries themselves. */
async function enterAll(
  { ledger, clock }: RingDeps,
  { log, correlationId }: Pick<Invocation, 'log' | 'correlationId'>,
  key: PartKey,
  { source }: SubmittedBatch,
  messages: readonly MessageToSend[],
): Promise<void> {
  try {
    const enteredAtMs = clock.nowMs();
    const entries = messages.flatMap((sent) => entriesOf(sent, enteredAtMs, correlationId));
    const all = await ledger.insertEntries(key, entries);
    const [first] = messages;
    if (first === undefined) return;
    const record = {
      part: key.part,
      ...(source === undefined ? {} : { source: cutText(source) }),
      digest: digestOf(entries.map(({ entry, digest }) => [entry, digest])),
      requestedAtMs: first.dueAtMs,
      enteredAtMs,
    };
    for (;;) {
      const stored = await ledger.readPart(key);
      const { etag, ...known } = stored ?? { etag: undefined, ...record };
      const part = { ...known, entries: all.length, finished: false, counts: {} };
      if ((await ledger.writePart(key.batch, countedPart(part, all), etag)) !== 'conflict') return;
    }
  } catch (error) {
    log(
      error instanceof StorageUnavailableError
        ? { event: 'storage-unavailable', level: 'warn', correlationId, detail: error.message }
        : unexpectedError(error, correlationId),
    );
  }
}

/** An undo that is due at once is pending; one that is to come is scheduled. */
function entriesOf(
  { message, dueAtMs }: MessageToSend,
  nowMs: number,
  correlationId: string,
): readonly LedgerEntry[] {
  const plan = planUndo(message);
  if (dueAtMs <= nowMs) return plan.entries;
  const waiting = { batch: message.batch, shown: {}, dueAtMs, correlationId };
  const outcomes = new Map(
    plan.items.map(({ entry, user }) => [entry, scheduledOutcome({ user, ...waiting })] as const),
  );
  return plan.entries.map((entry) => {
    const outcome = outcomes.get(entry.entry);
    return outcome === undefined ? entry : { ...entry, outcome };
  });
}
