import { readFile } from 'node:fs/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import * as z from 'zod';
import { parseJson } from '../../../shared/runtime/json.ts';
import { identityVariables } from '../../local/given-settings.ts';
import { UsageError } from '../../local/ports.ts';

const settingsSchema = z.object({ Values: z.record(z.string(), z.string()) });

/**
 * Takes the settings of a `local.settings.json` into the environment, over what is there. Its certificates are trusted and
 * its identity is used, so that a file of `npm start -- --settings` leads to the emulators. Throws UsageError.
 */
export async function adoptSettings(file: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const read = settingsSchema.safeParse(parseJson(await readGiven(file, '--settings')));
  if (!read.success)
    throw new UsageError(
      `The file of --settings, ${file}, is not a local.settings.json with texts in "Values".`,
    );
  const { NODE_EXTRA_CA_CERTS: certificates, ...values } = read.data.Values;
  if (values['IDENTITY_ENDPOINT'] !== undefined) {
    for (const name of identityVariables) delete environment[name];
  }
  Object.assign(environment, values);
  if (certificates === undefined) return;
  const trusted = await readGiven(certificates, 'NODE_EXTRA_CA_CERTS');
  setDefaultCACertificates([...getCACertificates('default'), trusted]);
}

async function readGiven(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new UsageError(`The file of ${what}, ${file}, cannot be read.`);
  }
}

/** Returns the URL of the vault. Throws UsageError. */
export function vaultUrl(environment: NodeJS.ProcessEnv): URL {
  const text = environment['KEY_VAULT_URL']?.trim() ?? '';
  const url = URL.parse(text);
  if (url?.protocol === 'https:') return url;
  throw new UsageError(
    text === ''
      ? 'No vault is named: set KEY_VAULT_URL, or give a local.settings.json with --settings FILE.'
      : 'KEY_VAULT_URL is not a valid URL that begins with https://.',
  );
}

/** Returns the domains that the functions serve; undefined where they are not known here. */
export function sipDomains(environment: NodeJS.ProcessEnv): readonly string[] | undefined {
  const domains = (environment['SIP_DOMAINS'] ?? '')
    .split(',')
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== '');
  return domains.length === 0 ? undefined : domains;
}
