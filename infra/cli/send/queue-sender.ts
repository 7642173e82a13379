import { disagreements, parseUploadBody, uploadLimitBytes } from '../../../shared/http/upload-request.ts';
import { batchReport } from '../../../shared/ring/batch/report.ts';
import { readBatch, readProgress } from '../../../shared/ring/batch/status.ts';
import { maxUploadEntries } from '../../../shared/ring/batch/upload/read-upload.ts';
import {
  acceptUpload,
  type JudgedUpload,
  type Upload,
  type UploadAccepted,
  type UploadRefusal,
  validateUpload,
} from '../../../shared/ring/batch/upload/upload.ts';
import { entryStates } from '../../../shared/ring/model/outcome.ts';
import type { RingDeps } from '../../../shared/ring/ports/deps.ts';
import { StorageUnavailableError } from '../../../shared/ring/ports/storage-error.ts';
import {
  type FailedEntry,
  type FileToSend,
  type Judged,
  type Progress,
  RefusedError,
  type Sender,
  UnreachableError,
  type WrongValue,
} from './sender.ts';
import { placeOf } from './texts.ts';

/** The most entries that are read at once. */
const pageLimit = 1_000;

/** Sends to the queue itself, with the code that the functions use for an upload, and reads the tables as they do. */
export class QueueSender implements Sender {
  readonly #deps: RingDeps;

  constructor(deps: RingDeps) {
    this.#deps = deps;
  }

  async judge(file: FileToSend): Promise<Judged> {
    const { upload, ignoredColumns } = read(file);
    const judged = await validateUpload(this.#deps, upload);
    if (!judged.ok) throw refused(judged.error);
    return { ...shown(judged.value), ignoredColumns };
  }

  async send(file: FileToSend): Promise<Judged> {
    const { upload, ignoredColumns } = read(file);
    const call = { log: () => {}, correlationId: this.#deps.newId() };
    const accepted = await reaching(() => acceptUpload(this.#deps, call, upload));
    if (!accepted.ok) throw refused(accepted.error);
    const { existing } = accepted.value;
    return { ...shown(accepted.value), ignoredColumns, existing };
  }

  async progress(batch: string): Promise<Progress | undefined> {
    const summary = await reaching(() => readProgress(this.#deps.ledger, batch));
    if (summary === undefined) return undefined;
    const { entries, finished, cancelled, nextTryAt, counts } = summary;
    return { entries, finished, cancelled, nextTryAt, counts: { ...counts } };
  }

  async failures(batch: string, outcome: string, limit: number): Promise<readonly FailedEntry[]> {
    const wanted = entryStates.find((state) => state === outcome);
    const found: FailedEntry[] = [];
    let continuation: string | undefined;
    do {
      const page = { limit: pageLimit, ...(continuation === undefined ? {} : { continuation }) };
      const status = await reaching(() => readBatch(this.#deps.ledger, batch, { ...page, outcome: wanted }));
      found.push(...(status?.outcomes ?? []));
      continuation = status?.continuation;
    } while (continuation !== undefined && found.length < limit);
    return found.slice(0, limit);
  }

  async report(batch: string): Promise<Uint8Array> {
    const csv = await reaching(() => batchReport(this.#deps.ledger, batch, {}));
    if (csv === undefined) throw new RefusedError(`There is no batch ${batch} in the tables.`);
    return new TextEncoder().encode(csv);
  }
}

function read({ content, isJson, batch, dryRun, strict }: FileToSend): {
  readonly upload: Upload;
  readonly ignoredColumns: readonly string[] | undefined;
} {
  if (content.byteLength > uploadLimitBytes)
    throw new RefusedError('The file has more than 32 MiB: split it, and send each part under its own name.');
  const parsed = parseUploadBody(isJson ? 'application/json' : 'text/csv', content);
  if (!parsed.ok) throw new RefusedError(parsed.error.map(({ detail }) => detail).join('\n'));
  const differing = disagreements(parsed.value, { batch, dryRun: dryRun || undefined });
  if (differing.length > 0)
    throw new RefusedError(
      'The file and the options differ about the batch or the dry run: leave it out of one of them.',
    );
  const { ignoredColumns, ...said } = parsed.value;
  if (said.rows.length > maxUploadEntries)
    throw new RefusedError(
      'The file has more than 100,000 entries: split it, and send each part under its own name.',
    );
  const upload = {
    ...said,
    batch: batch ?? said.batch,
    dryRun: dryRun || said.dryRun === true,
    strict,
    source: said.source ?? 'npm run send',
  };
  return { upload, ignoredColumns };
}

function shown({ batch, entries, rejected }: JudgedUpload | UploadAccepted): Judged {
  return { batch, entries, rejected: { count: rejected.count, first: rejected.first.map(wrongValue) } };
}

function wrongValue(value: WrongValue): WrongValue {
  return value;
}

function refused(refusal: UploadRefusal): RefusedError {
  switch (refusal.kind) {
    case 'invalid':
      return new RefusedError(refusal.issues.map(({ detail }) => detail).join('\n'));
    case 'wrong-rows':
      return new RefusedError(
        refusal.rejected.first.map((value) => `${placeOf(value)}${value.detail}`).join('\n'),
      );
    case 'batch-exists':
      return new RefusedError(
        `The batch ${refusal.batch} exists with other content: send this under another name with --batch.`,
      );
  }
}

/** Storage that cannot be reached may be reached later. */
async function reaching<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof StorageUnavailableError) throw new UnreachableError(error.message, { cause: error });
    throw error;
  }
}
