import { UsageError } from '../usage-error.ts';

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
