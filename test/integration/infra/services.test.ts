import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { givenSettings } from '../../../infra/local/given-settings.ts';
import { freePorts } from '../../../infra/local/ports.ts';
import { LocalServices } from '../../../infra/local/services.ts';
import { writeSettingsFile } from '../../../infra/local/settings-file.ts';
import { LocalStorage } from '../../../infra/local/storage/azurite.ts';
import { settingNames } from '../../../shared/azure/settings/settings.ts';

const given = {
  UCWA_DISCOVERY_URL: 'https://lyncdiscover.given.example/',
  KEY_VAULT_URL: 'https://given.vault.azure.net',
  UCWA_CONCURRENCY: '3',
  AZURE_CLIENT_ID: '11111111-2222-3333-4444-555555555555',
};

async function startWith(environment: Record<string, string>): Promise<LocalServices> {
  const users = [{ sip: 'sip:a@local.example', username: 'L\\a', password: 'p', secret: true }];
  const services = new LocalServices({ ports: freePorts, users, environment });
  await services.start();
  onTestFinished(() => services.stop());
  return services;
}

describe('the local services', () => {
  it('pass on every setting that was given, with the identity for a given vault', async () => {
    const storage = new LocalStorage({ inProcess: true });
    await storage.start();
    onTestFinished(() => storage.stop());
    const { connectionString } = storage;
    const services = await startWith({ ...given, BulkStorage: connectionString, PATH: '/bin' });
    expect(services.environment).toMatchObject({
      ...given,
      BulkStorage: connectionString,
      AzureWebJobsStorage: connectionString,
      SIP_DOMAINS: 'local.example',
    });
    expect(services.environment).not.toHaveProperty('PATH');
    expect(services.environment).not.toHaveProperty('IDENTITY_ENDPOINT');
    const names: string[] = [];
    const service = QueueServiceClient.fromConnectionString(connectionString);
    for await (const { name } of service.listQueues()) names.push(name);
    expect(names.sort()).toEqual(['simring-bulk', 'simring-bulk-poison', 'simring-results']);
  });

  it('start although nothing can be created in the given storage, and say so', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const storage =
      'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=c2VjcmV0;QueueEndpoint=http://127.0.0.1:1/a;TableEndpoint=http://127.0.0.1:1/a;';
    await startWith({ ...given, BulkStorage: storage });
    expect(printed).toHaveBeenCalledWith(
      'The queues and tables of BulkStorage could not be created (ECONNREFUSED). If some are missing, GET /api/health names them.',
    );
    printed.mockRestore();
  });

  it('know every setting of the functions', () => {
    const all = Object.fromEntries(settingNames.map((name) => [name, 'given']));
    expect(givenSettings({ ...all, PORT_UCWA: '0', LOCAL_USERS: 'x' })).toEqual(all);
  });
});

describe('the file of --settings', () => {
  it('trusts the certificates that were trusted before, and the one of the vault', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-settings-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const [file, trusted] = [join(directory, 'local.settings.json'), join(directory, 'own-ca.pem')];
    await writeFile(trusted, 'OWN CA');
    await writeSettingsFile(file, {}, 'VAULT', trusted);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      Values: { NODE_EXTRA_CA_CERTS: `${file}.certificate.pem` },
    });
    expect(await readFile(`${file}.certificate.pem`, 'utf8')).toBe('VAULT\nOWN CA');
    await writeSettingsFile(file, {}, undefined, trusted);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      Values: { NODE_EXTRA_CA_CERTS: trusted },
    });
  });
});
