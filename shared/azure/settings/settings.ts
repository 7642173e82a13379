import * as z from 'zod';
import { failed, type Result, success } from '../../runtime/result.ts';
import { defaultDiscoveryUrls } from '../../ucwa/client.ts';
import { isTrusted } from '../../ucwa/transport/trust.ts';
import { type CallerSettings, callerSettingNames, parseCallerSettings } from './caller-settings.ts';
import type { SettingProblem } from './setting-problem.ts';
import {
  certificates,
  countries,
  country,
  domainsOrAny,
  hosts,
  hours,
  oneOf,
  ownDomains,
  secureUrl,
  wholeNumber,
} from './setting-values.ts';
import { parseStorageSettings, type StorageSettings, storageSettingNames } from './storage-settings.ts';

/** Azure ends a run after the `functionTimeout` of host.json; ours must end a minute before. */
export const longestRunMs = 540_000;

const settingsSchema = z.object({
  SIP_DOMAINS: ownDomains,
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
  TARGET_NUMBERS: oneOf(['valid', 'possible']),
  RESULT_RETENTION_DAYS: wholeNumber(30, 1, 3650),
});

/** All settings, parsed. */
export type Settings = z.infer<typeof settingsSchema> & {
  readonly storage: StorageSettings;
  readonly callers: CallerSettings;
};

/** The names of all settings that the code reads, for the deployment to be checked against. */
export const settingNames = [
  ...Object.keys(settingsSchema.shape),
  ...storageSettingNames,
  ...callerSettingNames,
] as const;

/** Reads and checks all settings, and returns all problems at once. A setting that is blank counts as left out. */
export function readSettings(
  environment: NodeJS.ProcessEnv = process.env,
): Result<Settings, readonly SettingProblem[]> {
  const given = withoutBlanks(environment);
  const read = settingsSchema.safeParse(given);
  const storage = parseStorageSettings(given);
  const callers = parseCallerSettings(given);
  const problems = [
    ...(read.success ? [] : read.error.issues.map((issue) => problemOf(issue, given))),
    ...checkDiscovery(given),
    ...checkRun(given),
    ...checkRetention(given),
    ...(storage.ok ? [] : storage.error),
    ...(callers.ok ? [] : callers.error),
  ];
  if (!read.success || !storage.ok || !callers.ok || problems.length > 0) return failed(problems);
  return success({ ...read.data, storage: storage.value, callers: callers.value });
}

/** Reads the settings of storage alone, for work that must go on while others are wrong. */
export function readStorageSettings(
  environment: NodeJS.ProcessEnv = process.env,
): Result<StorageSettings, readonly SettingProblem[]> {
  return parseStorageSettings(withoutBlanks(environment));
}

/** Reads the settings of callers alone: who may call is checked while others are wrong, too. */
export function readCallerSettings(
  environment: NodeJS.ProcessEnv = process.env,
): Result<CallerSettings, readonly SettingProblem[]> {
  return parseCallerSettings(withoutBlanks(environment));
}

function withoutBlanks(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value?.trim() !== ''));
}

function problemOf({ path, message }: z.core.$ZodIssue, given: NodeJS.ProcessEnv): SettingProblem {
  const setting = String(path[0]);
  return { setting, detail: given[setting] === undefined ? 'is missing.' : message };
}

// Each check of settings that must fit together parses those alone: it reports also while others are wrong.

const discoverySchema = settingsSchema.pick({
  SIP_DOMAINS: true,
  UCWA_DISCOVERY_URL: true,
  UCWA_TRUSTED_HOSTS: true,
});

function checkDiscovery(given: NodeJS.ProcessEnv): readonly SettingProblem[] {
  const read = discoverySchema.safeParse(given);
  if (!read.success) return [];
  const { SIP_DOMAINS: sipDomains, UCWA_DISCOVERY_URL: url, UCWA_TRUSTED_HOSTS: trusted } = read.data;
  if (trusted === undefined && url === undefined) return [];
  const starts = url === undefined ? sipDomains.flatMap(defaultDiscoveryUrls) : [url];
  if (starts.every((start) => isTrusted(start, trusted ?? sipDomains))) return [];
  const detail =
    url === undefined
      ? 'does not cover SIP_DOMAINS, where discovery starts: add them.'
      : 'does not cover the host of UCWA_DISCOVERY_URL: add it.';
  return [{ setting: 'UCWA_TRUSTED_HOSTS', detail }];
}

const runSchema = settingsSchema.pick({ UCWA_ATTEMPT_LIMIT_MS: true, BULK_SLICE_MS: true });

/** An attempt that begins at the end of a slice still runs to its limit. */
function checkRun(given: NodeJS.ProcessEnv): readonly SettingProblem[] {
  const read = runSchema.safeParse(given);
  if (!read.success || read.data.BULK_SLICE_MS + read.data.UCWA_ATTEMPT_LIMIT_MS <= longestRunMs) return [];
  const detail = `plus UCWA_ATTEMPT_LIMIT_MS must be at most ${longestRunMs}: Azure ends a run after ten minutes.`;
  return [{ setting: 'BULK_SLICE_MS', detail }];
}

const retentionSchema = settingsSchema.pick({ BULK_GIVE_UP_HOURS: true, RESULT_RETENTION_DAYS: true });

/** A batch must not be purged while its entries are still retried. */
function checkRetention(given: NodeJS.ProcessEnv): readonly SettingProblem[] {
  const read = retentionSchema.safeParse(given);
  if (!read.success || read.data.RESULT_RETENTION_DAYS * 24 >= read.data.BULK_GIVE_UP_HOURS) return [];
  const detail = 'must not be shorter than BULK_GIVE_UP_HOURS: entries are retried for as long as that.';
  return [{ setting: 'RESULT_RETENTION_DAYS', detail }];
}
