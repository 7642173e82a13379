import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { parseJson } from '../../../shared/runtime/json.ts';

const stateSchema = z.object({ importId: z.uuid(), size: z.number(), modifiedMs: z.number() });

/** An import that can be continued after it was stopped or killed. */
export interface ImportState {
  /** Stands in a tag of every secret that this import writes. */
  readonly importId: string;
  /** True where no earlier run of it is known. */
  readonly isNew: boolean;
  /** Forgets the import, once every secret is written, or where none was. */
  readonly finish: () => Promise<void>;
}

/**
 * Returns the import of this file that has not finished, or begins one. Its random id is kept beside the file, with the
 * file's size and time alone: nothing in it is made from a password. A file that was saved since begins a new import.
 */
export async function openImport(file: string): Promise<ImportState> {
  if (file === '-') return { importId: randomUUID(), isNew: true, finish: async () => {} };
  const path = `${file}.simring-import`;
  const { size, mtimeMs: modifiedMs } = await stat(file);
  const known = stateSchema.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')));
  const finish = () => rm(path, { force: true });
  if (known.success && known.data.size === size && known.data.modifiedMs === modifiedMs) {
    return { importId: known.data.importId, isNew: false, finish };
  }
  const importId = randomUUID();
  await writeFile(path, `${JSON.stringify({ importId, size, modifiedMs })}\n`, { mode: 0o600 });
  return { importId, isNew: true, finish };
}
