import { access, appendFile, readFile, rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { UsageError } from './usage-error.ts';

/** Returns the bytes of a file, or of standard input for `-`. Throws {@link UsageError} where it cannot be read. */
export async function readInput(file: string): Promise<Uint8Array> {
  if (file === '-') return await buffer(process.stdin);
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(
      `The file cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** Throws {@link UsageError} where the file of a report cannot be written. Leaves what is there as it is. */
export async function requireWritable(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  try {
    await appendFile(file, '', { mode: 0o600 });
    if (!isThere) await rm(file);
  } catch (error) {
    throw new UsageError(
      `The report cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
