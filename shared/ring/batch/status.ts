import { formatTime } from '../../runtime/format-time.ts';
import type { EntryState, Outcome } from '../model/outcome.ts';
import type { Invocation } from '../ports/deps.ts';
import {
  type EntryFilter,
  type Ledger,
  type OutcomePage,
  type RejectedMessage,
  stateOf,
} from '../ports/ledger.ts';
import { cancelled } from './endings.ts';
import { isNamedByUs, undoBatch, untilBatch } from './own-batch.ts';
import { type BatchSummary, readRows, summarizeBatch } from './progress.ts';

/** The most rejected messages listed. */
const maxRejectedShown = 100;

/** The progress of a batch, and a page of its entries. */
export interface BatchStatus extends BatchSummary {
  /** The messages that name the batch and are not bulk messages, {@link maxRejectedShown} at most, the oldest first. */
  readonly rejectedMessages: readonly RejectedMessageStatus[];
  readonly outcomes: readonly EntryStatus[];
  /** The batch that undoes this one, or ends its temporary settings. */
  readonly undoneBy?: string;
  readonly continuation?: string;
}

interface RejectedMessageStatus extends Pick<RejectedMessage, 'messageId' | 'part' | 'reason'> {
  /** In ISO 8601. */
  readonly at: string;
}

/** One entry as a batch shows it; without an outcome while it is pending. */
export type EntryStatus = (Outcome | { readonly user: string }) & {
  /** When its part was requested; present where it has an outcome. */
  readonly requestedAt?: string;
  readonly part: number;
  readonly entry: number;
  readonly ref?: string;
};

interface PageOptions {
  readonly continuation?: string;
  readonly limit: number;
}

/** Which entries of a batch are wanted: those that have all that is given. */
export interface WantedEntries extends Omit<EntryFilter, 'outcomes'> {
  readonly outcome?: EntryState | undefined;
}

/** Reads the progress of a batch and a page of its entries; undefined where the batch does not exist. */
export async function readBatch(
  ledger: Ledger,
  batch: string,
  { outcome, would, user, ...page }: PageOptions & WantedEntries,
): Promise<BatchStatus | undefined> {
  const wanted = { outcomes: storedStates(outcome), would, user };
  const [rows, rejected, undoneBy, { outcomes, continuation }] = await Promise.all([
    readRows(ledger, batch),
    ledger.readRejectedMessages(batch, maxRejectedShown),
    findUndo(ledger, batch),
    ledger.readPage(batch, { ...page, ...wanted }),
  ]);
  const summary = summarizeBatch(batch, rows);
  if (summary === undefined) return undefined;
  const isCancelled = summary.cancelled === true;
  const requestedAtMs = new Map(rows.parts.map((part) => [part.part, part.requestedAtMs]));
  return {
    ...summary,
    ...(undoneBy === undefined ? {} : { undoneBy }),
    rejectedMessages: rejected.toSorted((a, b) => a.atMs - b.atMs).map(rejectedMessageStatus),
    outcomes: outcomes
      .map((entry) => shownEntry(entry, isCancelled))
      .filter((entry) => outcome === undefined || stateOf(entry) === outcome)
      .map((entry) => entryStatus(entry, requestedAtMs.get(entry.part))),
    ...(continuation === undefined ? {} : { continuation }),
  };
}

/** Returns the undo of a batch that was asked for, or else the one that ends its temporary settings. */
async function findUndo(ledger: Ledger, batch: string): Promise<string | undefined> {
  const names = [undoBatch(batch), untilBatch(batch)];
  const found = await Promise.all(names.map((name) => ledger.readBatch(name)));
  return found.find((record) => record?.submitted?.undoes === batch)?.batch;
}

/** Returns the states in the ledger that a state shown may stand for: what is scheduled in a cancelled batch is cancelled. */
export function storedStates(shown: EntryState | undefined): readonly EntryState[] | undefined {
  if (shown === undefined) return undefined;
  return shown === 'cancelled' ? ['cancelled', 'scheduled'] : [shown];
}

type ReportedEntry = OutcomePage['outcomes'][number];

/** Returns an entry as it is shown: its message comes round only when it is due, though its batch was cancelled. */
export function shownEntry(entry: ReportedEntry, isCancelled: boolean): ReportedEntry {
  const { outcome } = entry;
  if (!isCancelled || outcome?.outcome !== 'scheduled') return entry;
  const { nextTryAt: _never, ...others } = outcome;
  return { ...entry, outcome: { ...others, ...cancelled } };
}

/** Reads the progress of a batch; undefined where the batch does not exist. */
export async function readProgress(ledger: Ledger, batch: string): Promise<BatchSummary | undefined> {
  return summarizeBatch(batch, await readRows(ledger, batch));
}

function rejectedMessageStatus({ atMs, ...message }: RejectedMessage): RejectedMessageStatus {
  return { ...message, at: formatTime(atMs) };
}

function entryStatus(
  { part, entry, ref, user, outcome }: OutcomePage['outcomes'][number],
  requestedAtMs: number | undefined,
): EntryStatus {
  const shown = { part, entry, ...(ref === undefined ? {} : { ref }), user };
  if (outcome === undefined || requestedAtMs === undefined) return { ...shown, ...outcome };
  return { ...shown, ...outcome, requestedAt: formatTime(requestedAtMs) };
}

/** How many pages of the ledger one call looks through before it returns what it has found so far. */
const pagesPerCall = 10;

/**
 * Reads a page of the newest batches, each with its progress; with `all` also those that we named ourselves. A page may be
 * empty and have a continuation.
 */
export async function listBatches(
  ledger: Ledger,
  { all = false, limit, ...page }: PageOptions & { readonly all?: boolean | undefined },
): Promise<{ batches: readonly BatchSummary[]; continuation?: string }> {
  const names: string[] = [];
  let { continuation } = page;
  for (let pages = 0; pages < pagesPerCall && names.length < limit; pages++) {
    const from = continuation === undefined ? {} : { continuation };
    const found = await ledger.listBatches({ ...from, limit: limit - names.length });
    names.push(...found.batches.filter((batch) => all || !isNamedByUs(batch)));
    continuation = found.continuation;
    if (continuation === undefined) break;
  }
  const rows = await Promise.all(
    names.map(async (batch) => summarizeBatch(batch, await readRows(ledger, batch))),
  );
  const batches = rows.filter((summary) => summary !== undefined);
  return { batches, ...(continuation === undefined ? {} : { continuation }) };
}

/**
 * Cancels a batch: entries that have written nothing end as cancelled, the others end as they end. Returns `finished`, and
 * marks nothing, where every entry has ended; a batch that was cancelled before stays so.
 */
export async function cancelBatch(
  ledger: Ledger,
  { log, correlationId, by }: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  batch: string,
): Promise<'cancelled' | 'finished' | 'not-found'> {
  const summary = await readProgress(ledger, batch);
  if (summary?.cancelled === true) return 'cancelled';
  if (summary?.finished === true) return 'finished';
  if (!(await ledger.cancelBatch(batch, by))) return 'not-found';
  log({ event: 'batch-cancelled', level: 'info', correlationId, batch, by });
  return 'cancelled';
}
