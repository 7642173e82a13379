import { failed, type Result, success } from '../../../runtime/result.ts';
import type { Invocation, RingDeps } from '../../ports/deps.ts';
import { submit } from '../submit.ts';
import { judgeRows, type RejectedRows, type UploadedRow } from './judge.ts';
import { nameOfContent } from './upload-name.ts';

/** The most entries in one upload. */
export const maxUploadEntries = 100_000;

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

/** An upload whose messages are all on the queue. */
export interface UploadAccepted {
  readonly batch: string;
  readonly entries: number;
  readonly parts: number;
  readonly rejected: RejectedRows;
  /** True where the same was uploaded before: only what had not come was sent. */
  readonly existing?: true;
}

/** Why nothing was sent. */
export type UploadRefusal =
  | { readonly kind: 'wrong-rows'; readonly batch: string; readonly rejected: RejectedRows }
  | { readonly kind: 'batch-exists'; readonly batch: string };

/**
 * Puts an upload on the queue, split to fit. Wrong rows are sent like the others and end as rejected, unless every row is
 * wrong, or one is and the upload is strict. The same upload twice is the same batch: the second completes what the first
 * did not send. Throws StorageUnavailableError, which names the batch where sending stopped half-way.
 */
export async function acceptUpload(
  deps: RingDeps,
  call: Pick<Invocation, 'log' | 'correlationId'>,
  upload: Upload,
): Promise<Result<UploadAccepted, UploadRefusal>> {
  const batch = batchNameOf(upload);
  const rejected = judgeUpload(deps, upload);
  const mustRefuse = rejected.count === upload.rows.length || (upload.strict && rejected.count > 0);
  if (mustRefuse) return failed({ kind: 'wrong-rows', batch, rejected });
  const nowMs = deps.clock.nowMs();
  const submitted = await submit(deps, call, {
    batch,
    ...(upload.source === undefined ? {} : { source: upload.source }),
    requestedAtMs: Math.min(upload.requestedAtMs ?? nowMs, nowMs),
    dryRun: upload.dryRun,
    entries: upload.rows.map(({ entry }, index) => ({ ...entry, entry: index })),
    delayMs: 0,
  });
  if (!submitted.ok) return failed({ kind: 'batch-exists', batch });
  const { parts, isRepeated } = submitted.value;
  return success({
    batch,
    entries: upload.rows.length,
    parts,
    rejected,
    ...(isRepeated ? { existing: true } : {}),
  });
}

/** Judges the rows of an upload and sends nothing. */
export function judgeUpload({ rules }: Pick<RingDeps, 'rules'>, { rows, columnOf }: Upload): RejectedRows {
  return judgeRows(rows, rules, columnOf);
}

/** A dry run has a name of its own, so that what it judged can be applied under the name it was given. */
function batchNameOf({ batch, dryRun, rows }: Upload): string {
  if (batch !== undefined) return dryRun ? `dry-${batch}` : batch;
  return nameOfContent('up-', [dryRun, rows.map(({ entry }) => entry)]);
}
