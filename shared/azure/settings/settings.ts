import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max';
import * as z from 'zod';
import { defaultDiscoveryUrls } from '../../ucwa/client.ts';
import { isTrusted } from '../../ucwa/transport/trust.ts';
import { connectionStringProblem } from './connection-string.ts';
import { parseSecureUrl } from './secure-url.ts';

/** A setting that is missing or wrong, and what would be right; never its value. */
export interface SettingProblem {
  readonly setting: string;
  readonly detail: string;
}

export type SettingsRead = { readonly settings: Settings } | { readonly problems: readonly SettingProblem[] };

/** How the queues and tables are reached. */
export type StorageSettings =
  | { readonly connectionString: string }
  | {
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      readonly clientId: string | undefined;
    };

const list = (text: string) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
const wholeNumber = (standard: number, least: number, most: number) =>
  z
    .string()
    .transform((text, context) => {
      const number = Number(text);
      if (Number.isInteger(number) && number >= least && number <= most) return number;
      context.addIssue(`must be a whole number from ${least} to ${most}.`);
      return z.NEVER;
    })
    .default(standard);
const hours = (standard: number, most: number) =>
  z
    .string()
    .transform((text, context) => {
      const number = Number(text);
      if (number > 0 && number <= most) return number;
      context.addIssue(`must be a number of hours above 0, at most ${most}.`);
      return z.NEVER;
    })
    .default(standard);
const hostName = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])$/;

const domains = z.string().transform((text, context) => {
  const names = list(text.toLowerCase());
  if (names.length === 0 || !names.every((name) => hostName.test(name) && name.includes('.'))) {
    context.addIssue('must be domains such as contoso.com, separated by commas.');
  }
  return names;
});

const domainsOrAny = z.string().transform((text, context): '*' | readonly string[] => {
  if (text.trim() === '*') return '*';
  const read = domains.safeParse(text);
  if (read.success) return read.data;
  context.addIssue('must be * for any domain, or domains such as contoso.com, separated by commas.');
  return z.NEVER;
});

const hosts = z.string().transform((text, context) => {
  const names = list(text.toLowerCase());
  if (names.length === 0 || !names.every((name) => hostName.test(name))) {
    context.addIssue(
      'must be host names such as pool.contoso.local, separated by commas, without scheme or port.',
    );
  }
  return names;
});

const secureUrl = z.string().transform((text, context) => {
  const url = parseSecureUrl(text);
  if (url !== undefined) return url;
  context.addIssue('must be a URL that begins with https:// (http:// for this machine alone).');
  return z.NEVER;
});

const country = z.string().transform((text, context): CountryCode => {
  const code = text.trim().toUpperCase();
  if (isSupportedCountry(code)) return code;
  context.addIssue('must be a country in two letters, such as US.');
  return z.NEVER;
});

const countries = z.string().transform((text, context): readonly string[] => {
  const codes = list(text.toUpperCase());
  if (codes.length === 0 || !codes.every((code) => isSupportedCountry(code))) {
    context.addIssue('must be countries in two letters, such as US,CA, separated by commas.');
  }
  return codes;
});

const certificates = z.string().transform((text, context): readonly string[] => {
  try {
    const pem = text.includes('-----BEGIN') ? text.replaceAll('\\n', '\n') : readFileSync(text, 'utf8');
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    for (const block of blocks) new X509Certificate(block);
    if (blocks.length > 0) return blocks;
  } catch {
    // told below
  }
  context.addIssue('must be certificates as PEM text, or a file that holds them and can be read.');
  return z.NEVER;
});

/** Azure ends a run after the `functionTimeout` of host.json; a minute before, ours must come to its end. */
export const longestRunMs = 540_000;

const settingsForm = z.object({
  SIP_DOMAINS: domains,
  KEY_VAULT_URL: secureUrl.refine((url) => url.protocol === 'https:', 'must begin with https://.'),
  UCWA_DISCOVERY_URL: secureUrl.optional(),
  UCWA_TRUSTED_HOSTS: hosts.optional(),
  UCWA_CA_CERTIFICATES: certificates.optional(),
  UCWA_REQUEST_TIMEOUT_MS: wholeNumber(10_000, 100, 120_000),
  UCWA_ATTEMPT_LIMIT_MS: wholeNumber(90_000, 1_000, 300_000),
  UCWA_CONCURRENCY: wholeNumber(16, 1, 256),
  HTTP_BUDGET_MS: wholeNumber(20_000, 100, 200_000),
  BULK_SLICE_MS: wholeNumber(240_000, 1_000, longestRunMs),
  BULK_MAX_ATTEMPTS: wholeNumber(6, 1, 100),
  BULK_GIVE_UP_HOURS: hours(24, 168),
  TARGET_DEFAULT_COUNTRY: country.optional(),
  TARGET_COUNTRIES: countries.optional(),
  TARGET_SIP_DOMAINS: domainsOrAny.optional(),
  RESULT_RETENTION_DAYS: wholeNumber(30, 1, 3650),
});

export type Settings = z.infer<typeof settingsForm> & { readonly storage: StorageSettings };

/** The names of all settings that the code reads, for the deployment to be held against. */
export const settingNames = [
  ...Object.keys(settingsForm.shape),
  'BulkStorage',
  'BulkStorage__queueServiceUri',
  'BulkStorage__tableServiceUri',
] as const;

/** Reads and checks all settings, with every problem at once. An empty one counts as left out. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): SettingsRead {
  const given = givenIn(environment);
  const form = settingsForm.safeParse(given);
  const storage = readStorage(given);
  const problems = [
    ...(form.success ? [] : form.error.issues.map((issue) => problemOf(issue, given))),
    ...checkDiscovery(given),
    ...checkRun(given),
    ...checkRetention(given),
    ...('problems' in storage ? storage.problems : []),
  ];
  if (!form.success || 'problems' in storage || problems.length > 0) return { problems };
  return { settings: { ...form.data, storage } };
}

/** Reads the settings of storage alone, for what must go on while others are wrong. */
export function readStorageSettings(
  environment: NodeJS.ProcessEnv = process.env,
): StorageSettings | { readonly problems: readonly SettingProblem[] } {
  return readStorage(givenIn(environment));
}

/** What is set to something. */
function givenIn(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
}

function problemOf({ path, message }: z.core.$ZodIssue, given: NodeJS.ProcessEnv): SettingProblem {
  const setting = String(path[0]);
  return { setting, detail: given[setting] === undefined ? 'is missing.' : message };
}

function readStorage(given: NodeJS.ProcessEnv): StorageSettings | { problems: SettingProblem[] } {
  const connectionString = given['BulkStorage'];
  if (connectionString !== undefined) {
    const detail = connectionStringProblem(connectionString);
    return detail === undefined ? { connectionString } : { problems: [{ setting: 'BulkStorage', detail }] };
  }
  const uris = ['BulkStorage__queueServiceUri', 'BulkStorage__tableServiceUri'] as const;
  const read = uris.map((setting) => ({ setting, uri: secureUrl.safeParse(given[setting]) }));
  const problems = read.flatMap(({ setting, uri }) => {
    if (uri.success) return [];
    const detail =
      given[setting] === undefined
        ? 'is missing (or BulkStorage, a connection string).'
        : 'must be a URL that begins with https://.';
    return [{ setting, detail }];
  });
  const [queue, table] = read.map(({ uri }) => uri.data?.href);
  if (problems.length > 0 || queue === undefined || table === undefined) return { problems };
  return {
    queueServiceUri: queue,
    tableServiceUri: table,
    clientId: given['BulkStorage__clientId'] ?? given['AZURE_CLIENT_ID'],
  };
}

const discoveryForm = settingsForm.pick({
  SIP_DOMAINS: true,
  UCWA_DISCOVERY_URL: true,
  UCWA_TRUSTED_HOSTS: true,
});

function checkDiscovery(given: NodeJS.ProcessEnv): SettingProblem[] {
  const form = discoveryForm.safeParse(given);
  if (!form.success) return [];
  const { SIP_DOMAINS: sipDomains, UCWA_DISCOVERY_URL: url, UCWA_TRUSTED_HOSTS: trusted } = form.data;
  if (trusted === undefined && url === undefined) return [];
  const starts = url === undefined ? sipDomains.flatMap(defaultDiscoveryUrls) : [url];
  if (starts.every((start) => isTrusted(start, trusted ?? sipDomains))) return [];
  const detail =
    url === undefined
      ? 'does not cover SIP_DOMAINS, where discovery starts: name them too.'
      : 'does not cover the host of UCWA_DISCOVERY_URL: add it.';
  return [{ setting: 'UCWA_TRUSTED_HOSTS', detail }];
}

const runForm = settingsForm.pick({ UCWA_ATTEMPT_LIMIT_MS: true, BULK_SLICE_MS: true });

/** An attempt that begins at the end of a slice still runs to its limit. */
function checkRun(given: NodeJS.ProcessEnv): SettingProblem[] {
  const form = runForm.safeParse(given);
  if (!form.success || form.data.BULK_SLICE_MS + form.data.UCWA_ATTEMPT_LIMIT_MS <= longestRunMs) return [];
  return [
    {
      setting: 'BULK_SLICE_MS',
      detail: `must be, with UCWA_ATTEMPT_LIMIT_MS added, at most ${longestRunMs}: Azure ends a run after ten minutes.`,
    },
  ];
}

const retentionForm = settingsForm.pick({ BULK_GIVE_UP_HOURS: true, RESULT_RETENTION_DAYS: true });

/** A batch must not be purged while entries of it are still tried. */
function checkRetention(given: NodeJS.ProcessEnv): SettingProblem[] {
  const form = retentionForm.safeParse(given);
  if (!form.success || form.data.RESULT_RETENTION_DAYS * 24 >= form.data.BULK_GIVE_UP_HOURS) return [];
  return [
    {
      setting: 'RESULT_RETENTION_DAYS',
      detail: 'must be no shorter than BULK_GIVE_UP_HOURS: results are kept while entries are still tried.',
    },
  ];
}
