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
      RESULT_RETENTION_DAYS: 30,
      storage: { connectionString },
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
  ])('%s is refused as any of %j, without its value', (setting, values) => {
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

describe('the start of discovery', () => {
  it.each<[string, NodeJS.ProcessEnv]>([
    ['in a SIP domain', { UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.com/' }],
    [
      'on a host that is listed',
      { UCWA_DISCOVERY_URL: 'https://x.corp.local/', UCWA_TRUSTED_HOSTS: 'corp.local' },
    ],
    [
      'on a loopback address that is listed',
      { UCWA_DISCOVERY_URL: 'http://127.0.0.1:7080/', UCWA_TRUSTED_HOSTS: '127.0.0.1' },
    ],
    [
      'on localhost, listed',
      { UCWA_DISCOVERY_URL: 'http://localhost:7080/', UCWA_TRUSTED_HOSTS: 'localhost' },
    ],
  ])('may be %s', (_what, environment) => {
    expect(wrongNames(environment)).toEqual([]);
  });

  it.each<[string, NodeJS.ProcessEnv]>([
    ['on a foreign host', { UCWA_DISCOVERY_URL: 'https://lyncdiscover.northwind.example/' }],
    ['on a host whose name only ends like a SIP domain', { UCWA_DISCOVERY_URL: 'https://evilcontoso.com/' }],
    ['on a loopback address that is not listed', { UCWA_DISCOVERY_URL: 'http://127.0.0.1:7080/' }],
    ['at a URL with a password', { UCWA_DISCOVERY_URL: 'https://a:b@lyncdiscover.contoso.com/' }],
    [
      'in a SIP domain if only other hosts are listed',
      { UCWA_DISCOVERY_URL: 'https://lyncdiscover.contoso.com/', UCWA_TRUSTED_HOSTS: 'corp.local' },
    ],
  ])('must not be %s, and the host is not named', (_what, environment) => {
    const problems = problemsOf({ ...least, ...environment });
    expect(problems).toEqual([
      { setting: 'UCWA_TRUSTED_HOSTS', detail: 'does not cover the host of UCWA_DISCOVERY_URL: add it.' },
    ]);
  });

  it('is in the SIP domains if no URL is given, so that these must be trusted', () => {
    expect(problemsOf({ ...least, UCWA_TRUSTED_HOSTS: 'contoso.local' })).toEqual([
      {
        setting: 'UCWA_TRUSTED_HOSTS',
        detail: 'does not cover SIP_DOMAINS, where discovery starts: add them.',
      },
    ]);
  });

  it('is checked although other settings are wrong', () => {
    const environment = { UCWA_DISCOVERY_URL: 'https://northwind.example/', UCWA_CONCURRENCY: '0' };
    expect(wrongNames(environment)).toEqual(['UCWA_CONCURRENCY', 'UCWA_TRUSTED_HOSTS']);
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
  ])('is reached with the connection string %s', (text) => {
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
  ])('is not reached over http except on loopback: %s', (text) => {
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
  ])(
    'is not reached with a connection string that the two clients read differently, or not at all: %s',
    (text) => {
      expect(problemsOf({ ...least, BulkStorage: text })).toEqual([
        { setting: 'BulkStorage', detail: 'must be a connection string of a storage account.' },
      ]);
    },
  );

  it('is checked by the first of two fields with one name, as the clients read it', () => {
    const twice = `TableEndpoint=http://a.example/;${connectionString};TableEndpoint=https://a.example/`;
    expect(wrongNames({ BulkStorage: twice })).toEqual(['BulkStorage']);
  });

  it('is reached as an identity with both addresses', () => {
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

  it('is reached with the connection string if both are given', () => {
    expect(settingsOf({ ...uris, BulkStorage: connectionString }).storage).toEqual({ connectionString });
  });

  it('needs both addresses, with https except on loopback', () => {
    const { BulkStorage__tableServiceUri: _table, ...queueOnly } = uris;
    expect(wrongNames(queueOnly)).toEqual(['BulkStorage__tableServiceUri']);
    const plain = { ...uris, BulkStorage__queueServiceUri: 'http://acct.queue.core.windows.net' };
    expect(wrongNames(plain)).toEqual(['BulkStorage__queueServiceUri']);
    const local = { ...uris, BulkStorage__queueServiceUri: 'http://127.0.0.1:10001/devstoreaccount1' };
    expect(wrongNames(local)).toEqual([]);
  });

  it('does not reveal the key of a connection string that is wrong', () => {
    const problems = problemsOf({ ...least, BulkStorage: 'AccountKey=hunter2;Account=x' });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('certificates of private authorities', () => {
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
    ['PEM text with escaped line ends, as some portals store it', (text) => text.replaceAll('\n', '\\n')],
    ['a file', (text) => file(text)],
    ['a file with other text around it', (text) => file(`# our own\n${text}\n# end\n`)],
  ])('are read from %s', (_form, give) => {
    expect(settingsOf({ UCWA_CA_CERTIFICATES: give(pem) }).UCWA_CA_CERTIFICATES).toEqual([pem]);
  });

  it('may be more than one', () => {
    const two = settingsOf({ UCWA_CA_CERTIFICATES: file(`${pem}\n${pem}\n`) });
    expect(two.UCWA_CA_CERTIFICATES).toEqual([pem, pem]);
  });

  it.each<[string, () => string]>([
    ['a file that does not exist', () => join(folder, 'none.pem')],
    ['a folder', () => folder],
    ['a file without a certificate', () => file('no certificate')],
    ['a file with a broken certificate', () => file(pem.replace(/[A-Za-z0-9+/]{60}\n/, '\n'))],
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
