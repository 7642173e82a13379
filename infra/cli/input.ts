import { readFile } from 'node:fs/promises';
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
