import { readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from './ports.ts';

/**
 * Writes the settings of the functions as a `local.settings.json`, with the vault's certificate beside it. Returns a function
 * that removes both. The file contains the secret of the local identity, so that only the current user may read it.
 * `trusted` names a file with certificates that were trusted before: Node takes one file only.
 */
export async function writeSettingsFile(
  file: string,
  environment: Readonly<Record<string, string>>,
  certificate: string | undefined,
  trusted: string | undefined = process.env['NODE_EXTRA_CA_CERTS'] || undefined,
): Promise<() => Promise<void>> {
  const path = resolve(file);
  const certificatePath = `${path}.certificate.pem`;
  const trustedPath = certificate === undefined ? trusted : certificatePath;
  const trust = trustedPath === undefined ? {} : { NODE_EXTRA_CA_CERTS: resolve(trustedPath) };
  const settings = {
    IsEncrypted: false,
    Values: { FUNCTIONS_WORKER_RUNTIME: 'node', ...environment, ...trust },
  };
  try {
    if (certificate !== undefined) {
      const others = trusted === undefined ? '' : await readFile(trusted, 'utf8');
      await writeFile(certificatePath, `${certificate}\n${others}`, { mode: 0o600 });
    }
    await writeFile(path, `${JSON.stringify(settings, undefined, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UsageError(
      `The file of --settings cannot be written: ${error instanceof Error ? error.message : 'unknown'}.`,
    );
  }
  return async () => {
    await rm(path, { force: true });
    await rm(certificatePath, { force: true });
  };
}
