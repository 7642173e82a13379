import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../../../../infra/local/key-vault/certificate.ts';
import { readSettings, settingNames } from '../../../../../shared/azure/settings/settings.ts';

const connectionString =
  'DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net';
const least = {
  SIP_DOMAINS: 'contoso.com',
  KEY_VAULT_URL: 'https://ring.vault.azure.net/',
  BulkStorage: connectionString,
};

function settingsOf(environment: NodeJS.ProcessEnv) {
  const read = readSettings({ ...least, ...environment });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

function problemsOf(environment: NodeJS.ProcessEnv) {
  const read = readSettings(environment);
  return read.ok ? [] : read.error;
}

function wrongNames(environment: NodeJS.ProcessEnv): readonly string[] {
  return problemsOf({ ...least, ...environment }).map(({ setting }) => setting);
}

describe('settings', () => {
  it('have defaults for all but what is required', () => {
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
      RESULT_RETENTION_DAYS: 30,
      storage: { connectionString },
    });
  });

  it('are read in all forms', () => {
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
    });
    expect(settingsOf({ TARGET_SIP_DOMAINS: ' * ' }).TARGET_SIP_DOMAINS).toBe('*');
  });

  it('that are empty or missing are named all at once', () => {
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

  it('that are empty count as left out where they have a default', () => {
    const empty = Object.fromEntries(
      settingNames.filter((name) => !(name in least)).map((name) => [name, ' ']),
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
  ])('%s is wrong as any of %j, and its value is not told', (setting, values) => {
    for (const value of values) {
      const problems = problemsOf({ ...least, [setting]: value });
      expect(
        problems.map(({ setting: name }) => name),
        value,
      ).toEqual([setting]);
      expect(problems[0]?.detail).toMatch(/^[a-z].*\.$/);
      if (value.length > 5) expect(problems[0]?.detail).not.toContain(value);
    }
  });

  it('that are wrong are named all at once, with what else is missing', () => {
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

  it('are known by name, each once', () => {
    expect(new Set(settingNames).size).toBe(settingNames.length);
    expect(settingNames).toEqual(expect.arrayContaining(['SIP_DOMAINS', 'BulkStorage__queueServiceUri']));
  });
});

describe('where discovery begins', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['a domain of ours', { UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.com/' }],
    [
      'a host that is listed',
      { UCWA_DISCOVERY_URL: 'https://x.corp.local/', UCWA_TRUSTED_HOSTS: 'corp.local' },
    ],
    [
      'this machine, listed',
      { UCWA_DISCOVERY_URL: 'http://127.0.0.1:7080/', UCWA_TRUSTED_HOSTS: '127.0.0.1' },
    ],
    [
      'this machine by name',
      { UCWA_DISCOVERY_URL: 'http://localhost:7080/', UCWA_TRUSTED_HOSTS: 'localhost' },
    ],
  ])('may be %s', (_what, environment) => {
    expect(wrongNames(environment)).toEqual([]);
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['a host of elsewhere', { UCWA_DISCOVERY_URL: 'https://lyncdiscover.northwind.example/' }],
    ['a host that only ends like ours', { UCWA_DISCOVERY_URL: 'https://evilcontoso.com/' }],
    ['this machine, not listed', { UCWA_DISCOVERY_URL: 'http://127.0.0.1:7080/' }],
    ['a URL with a password', { UCWA_DISCOVERY_URL: 'https://a:b@lyncdiscover.contoso.com/' }],
    [
      'one of our domains where others are listed',
      { UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.com/', UCWA_TRUSTED_HOSTS: 'corp.local' },
    ],
  ])('is not trusted as %s, and the host is not told', (_what, environment) => {
    const problems = problemsOf({ ...least, ...environment });
    expect(problems).toEqual([
      { setting: 'UCWA_TRUSTED_HOSTS', detail: 'does not cover the host of UCWA_DISCOVERY_URL: add it.' },
    ]);
  });

  it('needs the SIP domains to be trusted where it is not told, and says so', () => {
    expect(problemsOf({ ...least, UCWA_TRUSTED_HOSTS: 'contoso.local' })).toEqual([
      {
        setting: 'UCWA_TRUSTED_HOSTS',
        detail: 'does not cover SIP_DOMAINS, where discovery starts: add them.',
      },
    ]);
  });

  it('is judged along with the rest', () => {
    const environment = { UCWA_DISCOVERY_URL: 'https://northwind.example/', UCWA_CONCURRENCY: '0' };
    expect(wrongNames(environment)).toEqual(['UCWA_CONCURRENCY', 'UCWA_TRUSTED_HOSTS']);
  });
});

describe('settings that must fit together', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['the longest slice and attempt', { BULK_SLICE_MS: '450000' }],
    ['short ones', { BULK_SLICE_MS: '1000', UCWA_ATTEMPT_LIMIT_MS: '1000' }],
    ['a retention as long as entries are tried', { BULK_GIVE_UP_HOURS: '168', RESULT_RETENTION_DAYS: '7' }],
  ])('do so: %s', (_what, environment) => {
    expect(wrongNames(environment)).toEqual([]);
  });

  it.each<[string, NodeJS.ProcessEnv, string]>([
    ['a slice that leaves an attempt no time', { BULK_SLICE_MS: '450001' }, 'UCWA_ATTEMPT_LIMIT_MS'],
    [
      'an attempt that is too long for the slice',
      { UCWA_ATTEMPT_LIMIT_MS: '300000', BULK_SLICE_MS: '240001' },
      'UCWA_ATTEMPT_LIMIT_MS',
    ],
    [
      'a retention that ends before the work',
      { BULK_GIVE_UP_HOURS: '24.5', RESULT_RETENTION_DAYS: '1' },
      'BULK_GIVE_UP_HOURS',
    ],
  ])('do not, which names both: %s', (_what, environment, other) => {
    const [problem, ...others] = problemsOf({ ...least, ...environment });
    expect(others).toEqual([]);
    expect(Object.keys(environment)).toContain(problem?.setting);
    expect(problem?.detail).toContain(other);
  });
});

describe('storage', () => {
  const uris = {
    BulkStorage: '',
    BulkStorage__queueServiceUri: 'https://acct.queue.core.windows.net',
    BulkStorage__tableServiceUri: 'https://acct.table.core.windows.net/',
  };

  it.each([
    connectionString,
    'UseDevelopmentStorage=true',
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:2/a;',
    'QueueEndpoint=https://a.queue.core.windows.net/;TableEndpoint=https://a.table.core.windows.net/;SharedAccessSignature=sv=2022-11-02&sig=abc%3D',
  ])('is reached by the connection string %s', (text) => {
    expect(settingsOf({ BulkStorage: text }).storage).toEqual({ connectionString: text });
  });

  it.each([
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint=http://a.queue.core.windows.net/;TableEndpoint=https://a.table.core.windows.net/',
    'QueueEndpoint=https://a.queue.core.windows.net/;TableEndpoint=http://10.0.0.4/a;SharedAccessSignature=sv=2022-11-02&sig=abc%3D',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://storage.example',
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;BlobEndpoint=https://a.blob.core.windows.net/',
    'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;TableEndpoint=https://a.table.core.windows.net/',
    'DefaultEndpointsProtocol=HTTP ;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint= http://a.queue.example/;TableEndpoint=https://a.table.core.windows.net/',
  ])('is not reached over http but on this machine: %s', (text) => {
    const [problem, ...others] = problemsOf({ ...least, BulkStorage: text });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ setting: 'BulkStorage', detail: expect.stringContaining('https://') });
  });

  it.each([
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;tableendpoint=https://a.example/',
    'DefaultEndpointsProtocol=https;accountname=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net',
    'usedevelopmentstorage=true',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net;UseDevelopmentStorage=true',
    'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1;DevelopmentStorageProxyUri=http://a.example',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey= ;EndpointSuffix=core.windows.net',
  ])('is not reached where one client reads what the other does not, or nothing: %s', (text) => {
    expect(problemsOf({ ...least, BulkStorage: text })).toEqual([
      { setting: 'BulkStorage', detail: 'must be a connection string of a storage account.' },
    ]);
  });

  it('is judged by the first of two parts of one name, as the clients do', () => {
    const twice = `TableEndpoint=http://a.example/;${connectionString};TableEndpoint=https://a.example/`;
    expect(wrongNames({ BulkStorage: twice })).toEqual(['BulkStorage']);
  });

  it('is reached as an identity by both addresses', () => {
    const storage = {
      queueServiceUri: 'https://acct.queue.core.windows.net/',
      tableServiceUri: 'https://acct.table.core.windows.net/',
      clientId: undefined,
    };
    expect(settingsOf(uris).storage).toEqual(storage);
    expect(settingsOf({ ...uris, AZURE_CLIENT_ID: 'a' }).storage).toEqual({ ...storage, clientId: 'a' });
    const both = { ...uris, AZURE_CLIENT_ID: 'a', BulkStorage__clientId: 'b' };
    expect(settingsOf(both).storage).toEqual({ ...storage, clientId: 'b' });
  });

  it('prefers the connection string where both are given', () => {
    expect(settingsOf({ ...uris, BulkStorage: connectionString }).storage).toEqual({ connectionString });
  });

  it('needs both addresses, by https but on this machine', () => {
    const { BulkStorage__tableServiceUri: _table, ...queueOnly } = uris;
    expect(wrongNames(queueOnly)).toEqual(['BulkStorage__tableServiceUri']);
    const plain = { ...uris, BulkStorage__queueServiceUri: 'http://acct.queue.core.windows.net' };
    expect(wrongNames(plain)).toEqual(['BulkStorage__queueServiceUri']);
    const local = { ...uris, BulkStorage__queueServiceUri: 'http://127.0.0.1:10001/devstoreaccount1' };
    expect(wrongNames(local)).toEqual([]);
  });

  it('does not tell the key of a connection string that is wrong', () => {
    const problems = problemsOf({ ...least, BulkStorage: 'AccountKey=hunter2;Account=x' });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('certificates of our own', () => {
  let folder: string;
  let pem: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ca-'));
    pem = (await makeCertificate()).cert.trim();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(content: string): string {
    const path = join(folder, 'ca.pem');
    writeFileSync(path, content);
    return path;
  }

  it.each<[string, (text: string) => string]>([
    ['PEM text', (text) => text],
    ['PEM text with escaped line ends, as some portals keep it', (text) => text.replaceAll('\n', '\\n')],
    ['a file', (text) => file(text)],
    ['a file with words around', (text) => file(`# our own\n${text}\n# end\n`)],
  ])('are read from %s', (_form, give) => {
    expect(settingsOf({ UCWA_CA_CERTIFICATES: give(pem) }).UCWA_CA_CERTIFICATES).toEqual([pem]);
  });

  it('may be several', () => {
    const two = settingsOf({ UCWA_CA_CERTIFICATES: file(`${pem}\n${pem}\n`) });
    expect(two.UCWA_CA_CERTIFICATES).toEqual([pem, pem]);
  });

  it.each<[string, () => string]>([
    ['a file that is not there', () => join(folder, 'none.pem')],
    ['a folder', () => folder],
    ['a file without a certificate', () => file('no certificate')],
    ['a file with one that is broken', () => file(pem.replace(/[A-Za-z0-9+/]{60}\n/, '\n'))],
    ['a private key', () => '-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----'],
  ])('are refused as %s, by name alone', (_what, give) => {
    const value = give();
    expect(problemsOf({ ...least, UCWA_CA_CERTIFICATES: value })).toEqual([
      {
        setting: 'UCWA_CA_CERTIFICATES',
        detail: 'must be certificates as PEM text, or the path of a readable file that contains them.',
      },
    ]);
  });
});
