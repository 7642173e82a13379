import { failed, type Result, success } from '../../../runtime/result.ts';
import type { ValidationIssue } from '../../model/validation.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { hashOfAll } from '../message/digest.ts';
import { issueIfTooOld } from '../message/too-old.ts';
import { nameOfHash } from '../name-of-hash.ts';
import { isNameTaken, submit } from '../submit.ts';
import { judgeRows, type RejectedRows, type UploadedRow } from './judge.ts';

/** Entries that were uploaded as a whole, to be split into messages. */
export interface Upload {
  /** The sender's name for it; without one the content gives it a name. */
  readonly batch?: string | undefined;
  readonly dryRun: boolean;
  /** True to send nothing where any row is wrong. */
  readonly strict: boolean;
  readonly source?: string | undefined;
  readonly requestedAtMs?: number | undefined;
  readonly rows: readonly UploadedRow[];
  /** The name that the sender has for a property. */
  readonly columnOf: (property: string) => string;
}

/** An upload that was read, and not sent so far. */
export interface JudgedUpload {
  /** The name of its batch. */
  readonly batch: string;
  readonly dryRun: boolean;
  readonly entries: number;
  readonly rejected: RejectedRows;
}

/** An upload whose messages are all on the queue. */
export interface UploadAccepted {
  readonly batch: string;
  readonly entries: number;
  readonly parts: number;
  readonly rejected: RejectedRows;
  /** True where the same was uploaded before: only what had not come was sent. */
  readonly existing?: true;
  /** True where that batch was cancelled: nothing of it is set. */
  readonly cancelled?: true;
}

/** Why nothing was sent. */
export type UploadRefusal =
  | { readonly kind: 'invalid'; readonly issues: readonly ValidationIssue[] }
  | { readonly kind: 'wrong-rows'; readonly rejected: RejectedRows }
  | { readonly kind: 'batch-exists'; readonly batch: string };

/**
 * Puts an upload on the queue, split to fit. Wrong rows are sent like the others and end as rejected, unless every row is
 * wrong, or one is and the upload is strict. The same upload twice is the same batch: the second completes what the first
 * did not send. Throws StorageUnavailableError, which names the batch where sending stopped half-way.
 */
export async function acceptUpload(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId' | 'by'>,
  upload: Upload,
): Promise<Result<UploadAccepted, UploadRefusal>> {
  const judged = await judgeUpload(deps, upload);
  if (!judged.ok) return judged;
  const { batch, dryRun, entries, rejected } = judged.value;
  const mustRefuse = rejected.count === entries || (upload.strict && rejected.count > 0);
  if (mustRefuse) return failed({ kind: 'wrong-rows', rejected });
  const nowMs = deps.clock.nowMs();
  const submitted = await submit(deps, call, {
    batch,
    ...(upload.source === undefined ? {} : { source: upload.source }),
    requestedAtMs: Math.min(upload.requestedAtMs ?? nowMs, nowMs),
    dryRun,
    entries: entriesOf(upload),
    delayMs: 0,
  });
  if (!submitted.ok) return failed({ kind: 'batch-exists', batch });
  const { parts, isRepeated, isCancelled } = submitted.value;
  return success({
    batch,
    entries,
    parts,
    rejected,
    ...(isRepeated ? { existing: true } : {}),
    ...(isCancelled ? { cancelled: true } : {}),
  });
}

function entriesOf({ rows }: Upload): readonly unknown[] {
  return rows.map(({ entry }, index) => ({ ...entry, entry: index }));
}

/** Judges an upload, sends nothing, and fails where it could not be sent under its name either. */
export async function validateUpload(
  deps: Pick<RingDeps, 'rules' | 'limits' | 'clock' | 'ledger'>,
  upload: Upload,
): Promise<Result<JudgedUpload, UploadRefusal>> {
  const judged = await judgeUpload(deps, upload);
  if (!judged.ok || upload.batch === undefined) return judged;
  const { batch, dryRun } = judged.value;
  const isTaken = await isNameTaken(deps, { batch, dryRun, entries: entriesOf(upload) });
  return isTaken ? failed({ kind: 'batch-exists', batch }) : judged;
}

/** Judges an upload. Fails only with `invalid`: wrong rows are told in what it returns. */
async function judgeUpload(
  { rules, limits, clock }: Pick<RingDeps, 'rules' | 'limits' | 'clock'>,
  upload: Upload,
): Promise<Result<JudgedUpload, UploadRefusal>> {
  const { dryRun, requestedAtMs, rows, columnOf } = upload;
  const enqueuedAtMs = clock.nowMs();
  const tooOld = issueIfTooOld(limits, { requestedAtMs: requestedAtMs ?? enqueuedAtMs, enqueuedAtMs });
  if (tooOld !== undefined) return failed({ kind: 'invalid', issues: [tooOld] });
  const rejected = await judgeRows(rows, rules, requestedAtMs ?? enqueuedAtMs, columnOf);
  return success({ batch: batchNameOf(upload), dryRun, entries: rows.length, rejected });
}

/** A dry run has a name of its own, so that what it judged can be applied under the name it was given. */
function batchNameOf({ batch, dryRun, rows }: Upload): string {
  if (batch !== undefined) return dryRun ? `dry-${batch}` : batch;
  const entries = rows.map(({ entry }) => entry);
  return nameOfHash('up-', hashOfAll(dryRun, entries));
}
