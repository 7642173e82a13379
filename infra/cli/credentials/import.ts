import { secretName } from '../../../shared/azure/key-vault.ts';
import { runConcurrently } from '../../../shared/runtime/run-concurrently.ts';
import { Semaphore } from '../../../shared/runtime/semaphore.ts';
import type { CredentialRow } from './read-credentials.ts';
import { type ListedSecret, VaultFailure } from './vault.ts';

const concurrency = 8;

/** How the row of one user ended. */
export type ImportResult = 'written' | 'present' | 'failed' | 'not tried';

export interface ImportedRow {
  readonly line: number;
  readonly user: string;
  readonly secret: string;
  readonly result: ImportResult;
  /** What failed, and what to do. */
  readonly detail: string | undefined;
}

/** What an import needs of a vault. */
export interface WritableVault {
  list(): Promise<ReadonlyMap<string, ListedSecret>>;
  set(name: string, value: string, importId: string): Promise<void>;
}

export interface ImportOptions {
  readonly importId: string;
  /** Overwrites secrets, except those that this import has written. */
  readonly replace: boolean;
  /** Once it is aborted, no further secret is written. */
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Writes the secrets of the users that have none, or with `replace` of all, each once. Returns a result for each row in the
 * order of the file. Stops early after a failure that every other write would share. Throws VaultFailure if the vault's
 * secrets cannot be listed.
 */
export async function importCredentials(
  vault: WritableVault,
  rows: readonly CredentialRow[],
  { importId, replace, signal, onProgress }: ImportOptions,
): Promise<readonly ImportedRow[]> {
  const listed = await vault.list();
  const ended = new Map<CredentialRow, Pick<ImportedRow, 'result' | 'detail'>>();
  const isToWrite = ({ user }: CredentialRow) => {
    const found = listed.get(secretName(user));
    return found === undefined || (replace && found.importId !== importId);
  };
  const wanted = rows.filter(isToWrite);
  for (const row of rows) ended.set(row, { result: 'present', detail: undefined });
  for (const row of wanted) ended.set(row, { result: 'not tried', detail: undefined });
  let done = 0;
  let isHopeless = false;
  await runConcurrently(wanted, {
    slots: new Semaphore(concurrency),
    shouldStop: async () => signal.aborted || isHopeless,
    work: async (row) => {
      const failure = await write(vault, row, importId);
      ended.set(row, { result: failure === undefined ? 'written' : 'failed', detail: failure?.message });
      isHopeless ||= failure?.isGeneral ?? false;
      done += 1;
      onProgress(done, wanted.length);
    },
  });
  return rows.map((row) => ({
    line: row.line,
    user: row.user.slice('sip:'.length),
    secret: secretName(row.user),
    ...(ended.get(row) ?? { result: 'not tried', detail: undefined }),
  }));
}

async function write(
  vault: WritableVault,
  { user, value = '' }: CredentialRow,
  importId: string,
): Promise<VaultFailure | undefined> {
  try {
    await vault.set(secretName(user), value, importId);
    return undefined;
  } catch (error) {
    if (error instanceof VaultFailure) return error;
    throw error;
  }
}
