import type { SettingProblem } from '../../../shared/azure/settings/setting-problem.ts';
import { readSettings, type Settings } from '../../../shared/azure/settings/settings.ts';

export const connectionString =
  'DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net';

/** The settings without a default, each with a valid value. */
export const requiredSettings = {
  SIP_DOMAINS: 'contoso.com',
  KEY_VAULT_URL: 'https://ring.vault.azure.net/',
  BulkStorage: connectionString,
};

/** Reads these settings together with the required ones, and throws where one is refused. */
export function settingsOf(environment: NodeJS.ProcessEnv): Settings {
  const read = readSettings({ ...requiredSettings, ...environment });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

/** Returns the problems of these settings alone. */
export function problemsOf(environment: NodeJS.ProcessEnv): readonly SettingProblem[] {
  const read = readSettings(environment);
  return read.ok ? [] : read.error;
}

/** Returns the names of the settings that are refused, when these are read together with the required ones. */
export function wrongNames(environment: NodeJS.ProcessEnv): readonly string[] {
  return problemsOf({ ...requiredSettings, ...environment }).map(({ setting }) => setting);
}
