import { describe, expect, it } from 'vitest';
import { commandsFor, type Deployed } from '../../../../shared/azure/health-commands.ts';
import { IdentityError } from '../../../../shared/azure/identity-error.ts';
import { storageHosts } from '../../../../shared/azure/storage-hosts.ts';
import { VaultRefusedError, VaultUnavailableError } from '../../../../shared/ring/ports/credential-store.ts';
import { StorageUnavailableError } from '../../../../shared/ring/ports/storage-error.ts';

const deployed: Deployed = {
  vault: 'simring-vault',
  storage: 'simringstorage',
  clientId: '00000000-0000-0000-0000-000000000002',
  trustedHosts: ['contoso.com'],
};

describe('the commands that mend a failure', () => {
  it.each([
    ['ForbiddenByRbac', /^az role assignment create --role "Key Vault Secrets User"/],
    ['Forbidden', /^az role assignment create --role "Key Vault Secrets User"/],
    ['AccessDenied', /^az keyvault set-policy --name simring-vault --spn/],
    ['ForbiddenByFirewall', /^az network vnet subnet update/],
    ['ForbiddenByConnection', /^az network private-dns link vnet create/],
    ['Unauthorized', /^az keyvault show --name simring-vault --query properties\.tenantId/],
    ['ENOTFOUND', /^az keyvault list/],
    [undefined, /AZURE_CLIENT_ID=00000000-0000-0000-0000-000000000002"$/],
  ])('begin, for a vault that refuses with %s, with %s', (cause, first) => {
    expect(commandsFor(new VaultRefusedError('refused', { cause }), deployed)[0]).toMatch(first);
  });

  it.each([
    [
      'TableNotFound',
      /^az storage table create --auth-mode login --account-name simringstorage --name simringusers$/,
    ],
    ['AuthorizationPermissionMismatch', /^az role assignment create --role "Storage Table Data Contributor"/],
    ['AuthorizationFailure', /^az network vnet subnet update/],
    ['KeyBasedAuthenticationNotPermitted', /BulkStorage__queueServiceUri=https:\/\/simringstorage\.queue/],
  ])('begin, for storage that refuses with %s, with %s', (cause, first) => {
    const place = { service: 'table', name: 'simringusers' } as const;
    expect(commandsFor(new StorageUnavailableError('refused', { cause }), deployed, place)[0]).toMatch(first);
  });

  it.each([
    ['refused', /^az functionapp identity assign/],
    ['unavailable', /^az functionapp restart/],
  ] as const)('begin, for an identity that is %s, with %s', (reason, first) => {
    expect(commandsFor(new IdentityError('no token', reason, 'Do.'), deployed)[0]).toMatch(first);
  });

  it('are none for what may pass by itself', () => {
    expect(commandsFor(new VaultUnavailableError('busy'), deployed)).toEqual([]);
    expect(commandsFor(new Error('something else'), deployed)).toEqual([]);
  });

  it('have quotes that bash and PowerShell read alike', () => {
    const all = ['ForbiddenByRbac', 'ForbiddenByFirewall', 'ENOTFOUND'].flatMap((cause) =>
      commandsFor(new VaultRefusedError('refused', { cause }), deployed),
    );
    for (const command of all) expect(command).not.toMatch(/['`\\]/);
  });
});

describe('the hosts of storage', () => {
  it.each([
    [
      {
        queueServiceUri: 'https://a.queue.core.windows.net/',
        tableServiceUri: 'https://a.table.core.windows.net/',
        clientId: undefined,
      },
      'a.queue.core.windows.net',
    ],
    [
      { connectionString: 'AccountName=a;AccountKey=eA==;EndpointSuffix=core.windows.net' },
      'a.queue.core.windows.net',
    ],
    [
      { connectionString: 'AccountName=a;AccountKey=eA==;QueueEndpoint=http://127.0.0.1:10001/a;' },
      '127.0.0.1:10001',
    ],
  ])('of %o include %s', (storage, host) => {
    expect(storageHosts(storage).queue).toBe(host);
  });
});
