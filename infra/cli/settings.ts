import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import * as z from 'zod';
import { identityVariables } from '../local/given-settings.ts';
import { UsageError } from './usage-error.ts';

const fileSchema = z.union([
  z.object({ Values: z.record(z.string(), z.string()) }).transform(({ Values }) => Values),
  z
    .array(z.object({ name: z.string(), value: z.string() }))
    .transform((settings) => Object.fromEntries(settings.map(({ name, value }) => [name, value]))),
]);

const forms = 'a local.settings.json with "Values", or what `az functionapp config appsettings list` prints';

/**
 * Puts the settings of a file into the environment, and trusts the certificates that they name; an identity in the file
 * takes the place of any other. The file is a
 * `local.settings.json`, as `npm start -- --services --settings FILE` writes, or the app's settings as az prints them. Throws
 * {@link UsageError}.
 */
export async function useSettings(file: string | undefined, environment: NodeJS.ProcessEnv): Promise<void> {
  if (file === undefined) return;
  const values = parse(file, await readText(file, '--settings'));
  if (values['IDENTITY_ENDPOINT'] !== undefined)
    for (const name of identityVariables) delete environment[name];
  Object.assign(environment, values);
  const certificates = values['NODE_EXTRA_CA_CERTS'];
  if (certificates === undefined) return;
  const pem = await readText(certificates, 'NODE_EXTRA_CA_CERTS');
  setDefaultCACertificates([...getCACertificates('default'), pem]);
}

function parse(file: string, text: string): Readonly<Record<string, string>> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UsageError(`${file}, which --settings names, is not JSON. Give ${forms}.`);
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success)
    throw new UsageError(`${file}, which --settings names, holds no settings. Give ${forms}.`);
  return parsed.data;
}

async function readText(file: string, named: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${file}, which ${named} names, cannot be read: ${reason}.`);
  }
}
