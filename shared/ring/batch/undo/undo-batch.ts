import { failed, type Result, success } from '../../../runtime/result.ts';
import { runConcurrently } from '../../../runtime/run-concurrently.ts';
import { Semaphore } from '../../../runtime/semaphore.ts';
import { parseSipUri } from '../../../ucwa/uri.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import type { LedgerEntry, PartRecord, SubmittedBatch } from '../../ports/ledger.ts';
import { digestOf } from '../message/digest.ts';
import { undoBatch as nameOfUndo, undoDryRun } from '../own-batch.ts';
import { ownerOf } from '../owner.ts';
import { readRows, summarizeBatch } from '../progress.ts';
import { type EntryToUndo, sendUndos } from './send-undos.ts';

/** Why a batch is not undone. */
export type UndoRefusal = 'not-found' | 'not-finished' | 'is-undo' | 'nothing-applied';

/** An undo whose messages are all on the queue. */
export interface UndoSubmitted {
  readonly batch: string;
  readonly undoes: string;
  readonly entries: number;
  readonly parts: number;
  /** True where it was requested before: only what had not come was sent. */
  readonly existing?: true;
}

/** Parts that are read and sent at once. */
const partsAtOnce = 8;

/**
 * Puts the undo of a batch on the queue: each user for whom it applied a setting goes back to what was set before, if that
 * setting still stands. Requested again, it is the same undo, and completes what was not sent. Throws
 * StorageUnavailableError, with part of it on the queue or nothing.
 */
export async function undoBatch(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  batch: string,
  { dryRun, source }: { readonly dryRun: boolean; readonly source?: string | undefined },
): Promise<Result<UndoSubmitted, UndoRefusal>> {
  const { ledger, clock } = deps;
  const rows = await readRows(ledger, batch);
  const summary = summarizeBatch(batch, rows);
  if (summary === undefined) return failed('not-found');
  if (rows.record?.submitted?.undoes !== undefined) return failed('is-undo');
  if (!summary.finished) return failed('not-finished');
  const entries = summary.counts.applied ?? 0;
  if (entries === 0) return failed('nothing-applied');
  const name = dryRun ? undoDryRun(deps.newId()) : nameOfUndo(batch);
  const nowMs = clock.nowMs();
  const announced: SubmittedBatch & { readonly undoes: string } = {
    digest: digestOf(batch),
    requestedAtMs: nowMs,
    ...(source === undefined ? {} : { source }),
    ...ownerOf(deps, call),
    parts: 0,
    entries,
    undoes: batch,
  };
  const registered = await ledger.registerBatch(name, nowMs, announced);
  const submitted = { ...announced, ...registered.submitted, undoes: batch };
  const parts = rows.parts.filter(({ counts }) => (counts.applied ?? 0) > 0);
  await runConcurrently(parts, {
    slots: new Semaphore(partsAtOnce),
    shouldStop: async () => false,
    work: (part) => undoPart(deps, call, { name, submitted, dryRun }, part),
  });
  const existing = registered.existed ? { existing: true as const } : {};
  return success({
    batch: name,
    undoes: batch,
    entries: submitted.entries,
    parts: parts.length,
    ...existing,
  });
}

interface Undo {
  readonly name: string;
  readonly submitted: SubmittedBatch & { readonly undoes: string };
  readonly dryRun: boolean;
}

async function undoPart(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  { name, submitted, dryRun }: Undo,
  { part, requestedAtMs }: PartRecord,
): Promise<void> {
  const stored = await deps.ledger.readEntries({ batch: submitted.undoes, part });
  const entries = stored.flatMap((entry) => toUndo(entry, submitted.requestedAtMs));
  await sendUndos(deps, call, { batch: name, submitted, part, requestedAtMs, dryRun, entries });
}

function toUndo(
  { entry, user: address, ref, outcome }: LedgerEntry,
  dueAtMs: number,
): readonly EntryToUndo[] {
  const user = parseSipUri(address);
  if (user === undefined || outcome?.outcome !== 'applied') return [];
  return [{ entry, user, from: outcome.from, ref, dueAtMs }];
}
