/** How the names of the functions' settings begin: their own, and those of the host and the SDK that they depend on. */
const beginnings = [
  'AzureWebJobsStorage',
  'BULK_',
  'BulkStorage',
  'CALLERS',
  'ENTRA_',
  'HTTP_BUDGET_MS',
  'KEY_VAULT_URL',
  'RESULT_RETENTION_DAYS',
  'SIP_DOMAINS',
  'TARGET_',
  'UCWA_',
];

/** Variables that decide which identity the functions have. */
export const identityVariables = [
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_TENANT_ID',
  'AZURE_TOKEN_CREDENTIALS',
  'IDENTITY_ENDPOINT',
  'IDENTITY_HEADER',
];

/** Returns the settings of the functions that an environment gives. Blank ones count as left out, as for the functions. */
export function givenSettings(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value = '']) =>
      isSetting(name) && value.trim() !== '' ? [[name, value] as const] : [],
    ),
  );
}

/** Returns settings without those that choose another identity than the local one, which alone the local vault accepts. */
export function withLocalIdentity(
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !identityVariables.includes(name)));
}

function isSetting(name: string): boolean {
  return identityVariables.includes(name) || beginnings.some((beginning) => name.startsWith(beginning));
}
