import { describe, expect, it } from 'vitest';
import { settingNames } from '../../../../../shared/azure/settings/settings.ts';
import {
  connectionString,
  problemsOf,
  requiredSettings,
  settingsOf,
  wrongNames,
} from '../../../../support/azure/settings.ts';

describe('settings', () => {
  it('have defaults, except for the required ones', () => {
    expect(settingsOf({})).toEqual({
      SIP_DOMAINS: ['contoso.com'],
      KEY_VAULT_URL: new URL('https://ring.vault.azure.net/'),
      UCWA_REQUEST_TIMEOUT_MS: 10_000,
      UCWA_ATTEMPT_LIMIT_MS: 90_000,
      UCWA_CONCURRENCY: 16,
      HTTP_BUDGET_MS: 20_000,
      BULK_SLICE_MS: 240_000,
      BULK_MAX_ATTEMPTS: 6,
      BULK_GIVE_UP_HOURS: 24,
      TARGET_NUMBERS: 'valid',
      RESULT_RETENTION_DAYS: 30,
      storage: { connectionString },
      callers: { kind: 'keys' },
    });
  });

  it('are read in every allowed form', () => {
    const settings = settingsOf({
      SIP_DOMAINS: ' Contoso.com, fabrikam.com ,',
      UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.local:8443/x',
      UCWA_TRUSTED_HOSTS: 'Contoso.local,127.0.0.1,[::1]',
      UCWA_REQUEST_TIMEOUT_MS: '5000',
      UCWA_CONCURRENCY: '64',
      BULK_GIVE_UP_HOURS: '0.5',
      TARGET_DEFAULT_COUNTRY: 'us',
      TARGET_COUNTRIES: 'us, CA',
      TARGET_SIP_DOMAINS: 'Contoso.com,northwind.example',
      TARGET_NUMBERS: ' Possible ',
    });
    expect(settings).toMatchObject({
      SIP_DOMAINS: ['contoso.com', 'fabrikam.com'],
      UCWA_DISCOVERY_URL: new URL('https://lyncdiscover.contoso.local:8443/x'),
      UCWA_TRUSTED_HOSTS: ['contoso.local', '127.0.0.1', '[::1]'],
      UCWA_REQUEST_TIMEOUT_MS: 5_000,
      UCWA_CONCURRENCY: 64,
      BULK_GIVE_UP_HOURS: 0.5,
      TARGET_DEFAULT_COUNTRY: 'US',
      TARGET_COUNTRIES: ['US', 'CA'],
      TARGET_SIP_DOMAINS: ['contoso.com', 'northwind.example'],
      TARGET_NUMBERS: 'possible',
    });
    expect(settingsOf({ TARGET_SIP_DOMAINS: ' * ' }).TARGET_SIP_DOMAINS).toBe('*');
  });

  it('that are missing or blank are named all at once', () => {
    const missing = [
      'SIP_DOMAINS',
      'KEY_VAULT_URL',
      'BulkStorage__queueServiceUri',
      'BulkStorage__tableServiceUri',
    ];
    for (const environment of [
      {},
      { SIP_DOMAINS: '', KEY_VAULT_URL: '  ', BulkStorage: '', BulkStorage__queueServiceUri: ' ' },
    ]) {
      const problems = problemsOf(environment);
      expect(problems.map(({ setting }) => setting)).toEqual(missing);
      for (const { detail } of problems) expect(detail).toMatch(/^is missing/);
    }
  });

  it('that are blank count as left out', () => {
    const empty = Object.fromEntries(
      settingNames.filter((name) => !(name in requiredSettings)).map((name) => [name, ' ']),
    );
    expect(settingsOf(empty)).toEqual(settingsOf({}));
  });

  it.each<[string, readonly string[]]>([
    [
      'SIP_DOMAINS',
      [',', 'adatum', 'adatum.com;fabrikam.com', 'https://adatum.com', '-x.com', '*.adatum.com'],
    ],
    [
      'KEY_VAULT_URL',
      ['ring.vault.azure.net', 'http://ring.vault.azure.net', 'http://127.0.0.1:7090', 'nonsense'],
    ],
    [
      'UCWA_DISCOVERY_URL',
      ['lyncdiscover.contoso.com', 'http://lyncdiscover.contoso.com/', 'ftp://contoso.com'],
    ],
    ['UCWA_TRUSTED_HOSTS', [',', 'https://contoso.com', 'contoso.com:443', '*.contoso.com', 'con toso']],
    [
      'UCWA_CA_CERTIFICATES',
      ['/no/such/file.pem', '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----', '.'],
    ],
    ['TARGET_NUMBERS', ['all', 'possible,valid', 'true', '1']],
    ['UCWA_REQUEST_TIMEOUT_MS', ['99', '120001', 'soon', '1.5', '-5', 'Infinity']],
    ['UCWA_ATTEMPT_LIMIT_MS', ['999', '300001', 'x']],
    ['UCWA_CONCURRENCY', ['0', '257', '1.5', 'many']],
    ['HTTP_BUDGET_MS', ['99', '200001', 'x']],
    ['BULK_SLICE_MS', ['999', '540001', 'x']],
    ['BULK_MAX_ATTEMPTS', ['0', '101', '2.5', 'x']],
    ['BULK_GIVE_UP_HOURS', ['0', '-1', '169', 'x']],
    ['TARGET_DEFAULT_COUNTRY', ['USA', 'XX', '1', 'US,CA']],
    ['TARGET_COUNTRIES', [',', 'US;CA', 'US,XX']],
    ['TARGET_SIP_DOMAINS', ['adatum', '*,adatum.com', '**', ',']],
    ['RESULT_RETENTION_DAYS', ['0', '3651', '1.5', 'x']],
    [
      'BulkStorage',
      [
        'x',
        'AccountName=acct',
        'AccountName=acct;AccountKey=c2VjcmV0',
        'https://acct.queue.core.windows.net',
      ],
    ],
  ])('%s is refused as any of %j, without its value', (setting, values) => {
    for (const value of values) {
      const problems = problemsOf({ ...requiredSettings, [setting]: value });
      expect(
        problems.map(({ setting: name }) => name),
        value,
      ).toEqual([setting]);
      expect(problems[0]?.detail).toMatch(/^[a-z].*\.$/);
      if (value.length > 5) expect(problems[0]?.detail).not.toContain(value);
    }
  });

  it('that are wrong are named all at once, together with those that are missing', () => {
    const names = wrongNames({
      SIP_DOMAINS: 'x',
      KEY_VAULT_URL: '',
      UCWA_CONCURRENCY: 'x',
      TARGET_COUNTRIES: 'XX',
      BulkStorage: 'hunter2',
      BULK_MAX_ATTEMPTS: '0',
    });
    expect(names.toSorted()).toEqual(
      [
        'SIP_DOMAINS',
        'KEY_VAULT_URL',
        'UCWA_CONCURRENCY',
        'TARGET_COUNTRIES',
        'BulkStorage',
        'BULK_MAX_ATTEMPTS',
      ].toSorted(),
    );
  });

  it('are listed by name, each once', () => {
    expect(new Set(settingNames).size).toBe(settingNames.length);
    expect(settingNames).toEqual(expect.arrayContaining(['SIP_DOMAINS', 'BulkStorage__queueServiceUri']));
  });
});

describe('settings that must fit together', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['the longest slice with its attempt', { BULK_SLICE_MS: '450000' }],
    ['the shortest slice and attempt', { BULK_SLICE_MS: '1000', UCWA_ATTEMPT_LIMIT_MS: '1000' }],
    ['a retention as long as entries are retried', { BULK_GIVE_UP_HOURS: '168', RESULT_RETENTION_DAYS: '7' }],
  ])('are accepted: %s', (_what, environment) => {
    expect(wrongNames(environment)).toEqual([]);
  });

  it.each<[string, NodeJS.ProcessEnv, string]>([
    ['a slice that leaves no time for an attempt', { BULK_SLICE_MS: '450001' }, 'UCWA_ATTEMPT_LIMIT_MS'],
    [
      'an attempt that is too long after the slice',
      { UCWA_ATTEMPT_LIMIT_MS: '300000', BULK_SLICE_MS: '240001' },
      'UCWA_ATTEMPT_LIMIT_MS',
    ],
    [
      'a retention that ends before the retries',
      { BULK_GIVE_UP_HOURS: '24.5', RESULT_RETENTION_DAYS: '1' },
      'BULK_GIVE_UP_HOURS',
    ],
  ])('are refused, naming both: %s', (_what, environment, other) => {
    const [problem, ...others] = problemsOf({ ...requiredSettings, ...environment });
    expect(others).toEqual([]);
    expect(Object.keys(environment)).toContain(problem?.setting);
    expect(problem?.detail).toContain(other);
  });
});
