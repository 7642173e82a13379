import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { compileMain } from '../../../../infra/bicep/compile.ts';
import { NoCompilerError } from '../../../../infra/bicep/compiler.ts';
import { settingNames } from '../../../../shared/azure/settings/settings.ts';
import { queueNames, tableNames } from '../../../../shared/azure/storage/names.ts';
import { alertQueries, tileQueries } from '../../../support/infra/alert-queries.ts';

const resourceSchema = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  apiVersion: z.string(),
  properties: z.record(z.string(), z.unknown()).default({}),
});
const snapshotSchema = z.object({
  predictedResources: z.array(resourceSchema),
  outputs: z.record(z.string(), z.string()),
});

/** What would be deployed, and the outputs; `npm run check:infra` compares them with the Bicep files. */
function snapshotOf(name: string): z.infer<typeof snapshotSchema> {
  const file = new URL(`../../../../infra/${name}.snapshot.json`, import.meta.url);
  return snapshotSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const names = ['main', 'minimal', 'private', 'restricted', 'everything'] as const;
const snapshots = {
  main: snapshotOf('main'),
  minimal: snapshotOf('minimal'),
  private: snapshotOf('private'),
  restricted: snapshotOf('restricted'),
  everything: snapshotOf('everything'),
} as const;
const deployments = {
  main: snapshots.main.predictedResources,
  minimal: snapshots.minimal.predictedResources,
  private: snapshots.private.predictedResources,
  restricted: snapshots.restricted.predictedResources,
  everything: snapshots.everything.predictedResources,
} as const;

function only(deployment: keyof typeof deployments, type: string) {
  const found = deployments[deployment].filter((resource) => resource.type === type);
  expect(found.length, type).toBeGreaterThan(0);
  return found;
}

/** Settings that the host and the libraries read. BulkStorage is missing: it is a connection string, for local use. */
const hostSettings = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'AZURE_CLIENT_ID',
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__clientId',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'BulkStorage__clientId',
  'BulkStorage__credential',
  'MALLOC_MMAP_THRESHOLD_',
  'MALLOC_TRIM_THRESHOLD_',
];

/**
 * The names of the built-in roles that are assigned, by id, as Azure has them: nothing here would notice a wrong digit.
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
const roleNames: Readonly<Record<string, string>> = {
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a': 'Storage Queue Data Message Sender',
  '8a0f0c08-91a1-4084-bc3d-661d67233fed': 'Storage Queue Data Message Processor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
};

/** Each role assignment: its holder, its role and its resource, a queue by name and others by type. */
function rolesGiven(deployment: keyof typeof deployments) {
  return only(deployment, 'Microsoft.Authorization/roleAssignments').map(({ id, properties }) => {
    const [, scope] =
      /^(?:\[extensionResourceId\(')?(.+?)(?:'|\/providers\/Microsoft\.Authorization\/)/.exec(id) ?? [];
    const resource = deployments[deployment].find((candidate) => candidate.id === scope);
    const role = String(properties['roleDefinitionId']).split('/').at(-1) ?? '';
    return {
      to: holderOf(properties),
      role: roleNames[role] ?? role,
      on: resource?.type.endsWith('/queues') === true ? resource.name.split('/').at(-1) : resource?.type,
    };
  });
}

function holderOf({ principalId, principalType }: Readonly<Record<string, unknown>>): string {
  const isApp = /'identity-.+\.outputs\.principalId\.value\]$/.test(String(principalId));
  return isApp && principalType === 'ServicePrincipal' ? 'the app' : `${principalType} ${principalId}`;
}

function has(deployment: keyof typeof deployments, type: string): boolean {
  return deployments[deployment].some((resource) => resource.type === type);
}

describe.each(names)('what %s.bicepparam deploys', (deployment) => {
  it('gives the app every setting that the code reads, and no other', () => {
    const [settings] = only(deployment, 'Microsoft.Web/sites/config');
    const expected = [...settingNames.filter((name) => name !== 'BulkStorage'), ...hostSettings];
    expect(Object.keys(settings?.properties ?? {}).sort()).toEqual(expected.sort());
  });

  it('has no key and no secret among the settings', () => {
    const [settings] = only(deployment, 'Microsoft.Web/sites/config');
    for (const value of Object.values(settings?.properties ?? {})) {
      expect(value).toEqual(expect.any(String));
      expect(value).not.toMatch(/AccountKey|SharedAccess|listKeys|password|\bsig=/i);
    }
  });

  it('disables shared keys and local authentication', () => {
    expect(only(deployment, 'Microsoft.Storage/storageAccounts')[0]?.properties).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
      minimumTlsVersion: 'TLS1_2',
    });
    expect(only(deployment, 'Microsoft.Insights/components')[0]?.properties).toMatchObject({
      DisableLocalAuth: true,
    });
    expect(only(deployment, 'Microsoft.OperationalInsights/workspaces')[0]?.properties).toMatchObject({
      features: { disableLocalAuth: true },
    });
    expect(only(deployment, 'Microsoft.KeyVault/vaults')[0]?.properties).toMatchObject({
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
    });
    for (const { properties } of only(deployment, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies'))
      expect(properties).toEqual({ allow: false });
  });

  it('is reachable over https only, with TLS 1.2 or newer', () => {
    expect(only(deployment, 'Microsoft.Web/sites')[0]?.properties).toMatchObject({
      httpsOnly: true,
      siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2' },
    });
  });

  it('has every queue, poison queue and table that the code uses', () => {
    const lastOf = (type: string) => only(deployment, type).map(({ name }) => name.split('/').at(-1));
    expect(lastOf('Microsoft.Storage/storageAccounts/queueServices/queues').sort()).toEqual(
      Object.values(queueNames).sort(),
    );
    expect(lastOf('Microsoft.Storage/storageAccounts/tableServices/tables').sort()).toEqual(
      Object.values(tableNames).sort(),
    );
  });

  it('assigns the app the least role on each of its resources', () => {
    expect(rolesGiven(deployment).filter(({ to }) => to === 'the app')).toEqual([
      { to: 'the app', role: 'Storage Blob Data Owner', on: 'Microsoft.Storage/storageAccounts' },
      { to: 'the app', role: 'Storage Queue Data Contributor', on: 'Microsoft.Storage/storageAccounts' },
      { to: 'the app', role: 'Storage Table Data Contributor', on: 'Microsoft.Storage/storageAccounts' },
      { to: 'the app', role: 'Key Vault Secrets User', on: 'Microsoft.KeyVault/vaults' },
      { to: 'the app', role: 'Monitoring Metrics Publisher', on: 'Microsoft.Insights/components' },
    ]);
  });

  it('names role assignments after the identity, as a new one cannot take over those of an old one', () => {
    for (const { name, properties } of only(deployment, 'Microsoft.Authorization/roleAssignments'))
      if (properties['principalType'] === 'ServicePrincipal')
        expect(name).toMatch(/^\[guid\(.+outputs\.principalId\.value, '[\w-]{36}'\)\]$/);
  });

  it('uses no preview version of an API, but for diagnostic settings, which have no other', () => {
    const previews = deployments[deployment].filter(({ apiVersion }) => apiVersion.includes('preview'));
    expect(previews.map(({ type }) => type)).toEqual(['Microsoft.Insights/diagnosticSettings']);
  });

  it('has no key and no secret among the outputs', () => {
    const text = JSON.stringify(snapshots[deployment].outputs);
    expect(text).not.toMatch(
      /listKeys|listSecrets|AccountKey|SharedAccess|password|ConnectionString|\bsig=/i,
    );
    expect(Object.keys(snapshots[deployment].outputs).sort()).toEqual(outputNames);
  });

  it('closes vault and storage to all but the app and the addresses that are named', () => {
    for (const type of ['Microsoft.Storage/storageAccounts', 'Microsoft.KeyVault/vaults'])
      expect(only(deployment, type)[0]?.properties).toMatchObject({ networkAcls: { defaultAction: 'Deny' } });
  });

  it('sends the audit log of the vault to the workspace', () => {
    const [audit] = only(deployment, 'Microsoft.Insights/diagnosticSettings');
    expect(audit?.id).toContain('Microsoft.KeyVault/vaults/');
    expect(audit?.properties).toMatchObject({
      workspaceId: expect.stringContaining('outputs.workspaceId'),
      logs: [{ category: 'AuditEvent', enabled: true }],
    });
  });

  it('has a workbook with a tile for each query', () => {
    const [workbook] = only(deployment, 'Microsoft.Insights/workbooks');
    const { items } = workbookSchema.parse(JSON.parse(String(workbook?.properties['serializedData'])));
    const shown = items.flatMap(({ name, content }) =>
      content.query === undefined ? [] : [[name, content.query]],
    );
    expect(shown.sort()).toEqual(tileQueries.map(({ name, text }) => [name, text]));
  });

  it('has an alert for each query', () => {
    const rules = only(deployment, 'Microsoft.Insights/scheduledQueryRules').map(
      ({ name }) => /-insights-(.+)$/.exec(name)?.[1],
    );
    expect(rules.sort()).toEqual(alertQueries.map(({ name }) => name));
  });
});

const workbookSchema = z.object({
  items: z.array(z.object({ name: z.string(), content: z.object({ query: z.string().optional() }) })),
});

const outputNames = [
  'alertReceivers',
  'appId',
  'appName',
  'consoleUrl',
  'identityClientId',
  'identityName',
  'identityPrincipalId',
  'insightsId',
  'insightsName',
  'storageId',
  'storageName',
  'url',
  'vaultId',
  'vaultName',
  'workbookId',
  'workspaceId',
];

describe('the smallest deployment', () => {
  const [site] = only('minimal', 'Microsoft.Web/sites');

  it('has every option off', () => {
    expect(has('minimal', 'Microsoft.Authorization/locks')).toBe(false);
    expect(has('minimal', 'Microsoft.Insights/actionGroups')).toBe(false);
    expect(has('minimal', 'Microsoft.Network/privateEndpoints')).toBe(false);
    expect(has('minimal', 'Microsoft.Network/privateDnsZones')).toBe(false);
    expect(only('minimal', 'Microsoft.Web/serverfarms')[0]?.properties['zoneRedundant']).toBe(false);
    expect(JSON.stringify(site?.properties['functionAppConfig'])).not.toContain('triggers');
    expect(site?.properties).toMatchObject({
      publicNetworkAccess: 'Enabled',
      functionAppConfig: {
        scaleAndConcurrency: { alwaysReady: [], maximumInstanceCount: 40 },
        siteUpdateStrategy: { type: 'Recreate' },
      },
      siteConfig: { ipSecurityRestrictions: [], ipSecurityRestrictionsDefaultAction: 'Allow' },
    });
  });

  it('lets the app alone reach vault and storage, from its subnet with service endpoints', () => {
    for (const type of ['Microsoft.Storage/storageAccounts', 'Microsoft.KeyVault/vaults']) {
      const rules = only('minimal', type)[0]?.properties['networkAcls'];
      expect(rules).toMatchObject({ ipRules: [], virtualNetworkRules: [{}] });
      expect(JSON.stringify(rules)).toContain('appSubnetId');
    }
    expect(subnetsOf('minimal')['app']).toMatchObject({
      serviceEndpoints: [{ service: 'Microsoft.KeyVault' }, { service: 'Microsoft.Storage' }],
    });
  });

  it('says that nobody is told of an alert', () => {
    expect(snapshots.minimal.outputs['alertReceivers']).toMatch(/^NOBODY IS TOLD/);
    for (const { properties } of only('minimal', 'Microsoft.Insights/scheduledQueryRules'))
      expect(properties['actions']).toEqual({ actionGroups: [] });
  });
});

const subnetsSchema = z.object({
  subnets: z.array(z.object({ name: z.string(), properties: z.record(z.string(), z.unknown()) })),
});

function subnetsOf(deployment: keyof typeof deployments) {
  const [network] = only(deployment, 'Microsoft.Network/virtualNetworks');
  const { subnets } = subnetsSchema.parse(network?.properties);
  return Object.fromEntries(subnets.map(({ name, properties }) => [name, properties]));
}

describe('restricted addresses', () => {
  it('are the only ones that reach the app', () => {
    expect(only('restricted', 'Microsoft.Web/sites')[0]?.properties['siteConfig']).toMatchObject({
      ipSecurityRestrictionsDefaultAction: 'Deny',
      ipSecurityRestrictions: [
        { name: 'headquarters', ipAddress: '203.0.113.0/24', action: 'Allow' },
        { name: 'deployments', ipAddress: '198.51.100.7/32', action: 'Allow' },
        { name: 'hr-system', ipAddress: '198.51.100.16/31', action: 'Allow' },
        { name: 'headquarters-ipv6', ipAddress: '2001:db8:1234::/48', action: 'Allow' },
      ],
    });
  });

  it('reach vault and storage, in the form that these take', () => {
    const ranges = ['203.0.113.0/24', '198.51.100.7', '198.51.100.16', '198.51.100.17'];
    const [vault] = only('restricted', 'Microsoft.KeyVault/vaults');
    const [storage] = only('restricted', 'Microsoft.Storage/storageAccounts');
    expect(vault?.properties).toMatchObject({
      networkAcls: { ipRules: ranges.map((value) => ({ value })) },
    });
    expect(storage?.properties).toMatchObject({
      networkAcls: {
        ipRules: ranges.map((value) => ({ value, action: 'Allow' })),
      },
    });
  });

  it('do not keep people from being told: each alert notifies the group of the e-mail addresses', () => {
    expect(only('restricted', 'Microsoft.Insights/actionGroups')[0]?.properties).toMatchObject({
      emailReceivers: [{ emailAddress: 'telephony@contoso.com' }],
    });
    for (const { properties } of only('restricted', 'Microsoft.Insights/scheduledQueryRules'))
      expect(JSON.stringify(properties['actions'])).toContain('Microsoft.Insights/actionGroups');
    expect(snapshots.restricted.outputs['alertReceivers']).toContain('telephony@contoso.com');
  });
});

describe('a deployment with every option', () => {
  const [site] = only('everything', 'Microsoft.Web/sites');

  it('closes the public address of app, vault and storage, and gives each a private one', () => {
    for (const type of [
      'Microsoft.Web/sites',
      'Microsoft.Storage/storageAccounts',
      'Microsoft.KeyVault/vaults',
    ])
      expect(only('everything', type)[0]?.properties).toMatchObject({ publicNetworkAccess: 'Disabled' });
    const groups = only('everything', 'Microsoft.Network/privateEndpoints').map(({ name }) =>
      name.split('-').at(-1),
    );
    expect(groups.sort()).toEqual(['blob', 'queue', 'sites', 'table', 'vault']);
    expect(only('everything', 'Microsoft.Network/privateDnsZones')).toHaveLength(5);
    expect(only('everything', 'Microsoft.Network/privateDnsZones/virtualNetworkLinks')).toHaveLength(5);
  });

  it('locks vault and storage, and spreads instances over zones', () => {
    const locks = only('everything', 'Microsoft.Authorization/locks');
    expect(locks).toHaveLength(2);
    for (const { properties } of locks) expect(properties).toMatchObject({ level: 'CanNotDelete' });
    expect(only('everything', 'Microsoft.Web/serverfarms')[0]?.properties['zoneRedundant']).toBe(true);
  });

  it('keeps instances ready for HTTP, bounds each, and updates them one batch after the other', () => {
    expect(site?.properties['functionAppConfig']).toMatchObject({
      siteUpdateStrategy: { type: 'RollingUpdate' },
      scaleAndConcurrency: {
        maximumInstanceCount: 100,
        alwaysReady: [{ name: 'http', instanceCount: 2 }],
        triggers: { http: { perInstanceConcurrency: 32 } },
      },
    });
  });

  it('lets only https into the subnet of private endpoints, and needs no service endpoint', () => {
    const { app, endpoints } = subnetsOf('everything');
    expect(app).toMatchObject({ serviceEndpoints: [], networkSecurityGroup: {} });
    expect(endpoints).toMatchObject({
      networkSecurityGroup: {},
      privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled',
    });
    const rules = only('everything', 'Microsoft.Network/networkSecurityGroups').find(({ name }) =>
      name.endsWith('-endpoints'),
    );
    expect(rules?.properties).toMatchObject({
      securityRules: [
        {
          properties: { access: 'Allow', destinationPortRange: '443', sourceAddressPrefix: 'VirtualNetwork' },
        },
        { properties: { access: 'Deny', protocol: '*', destinationPortRange: '*' } },
      ],
    });
  });
});

describe('a private network', () => {
  it('disables public access to vault and storage, which have private endpoints', () => {
    for (const type of ['Microsoft.Storage/storageAccounts', 'Microsoft.KeyVault/vaults']) {
      expect(only('private', type)[0]?.properties).toMatchObject({
        publicNetworkAccess: 'Disabled',
        networkAcls: { defaultAction: 'Deny' },
      });
    }
    expect(only('private', 'Microsoft.Network/privateEndpoints')).toHaveLength(5);
  });

  it('uses the DNS zones that it is given and creates none of them, as Azure links no zone twice', () => {
    const groups = only('private', 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups');
    expect(groups).toHaveLength(5);
    const given = groups.filter(({ properties }) => !JSON.stringify(properties).includes('azurewebsites'));
    expect(given).toHaveLength(4);
    for (const { properties } of given) {
      expect(JSON.stringify(properties)).toMatch(
        /resourceGroups\/corporate\/.*privateDnsZones\/privatelink\./,
      );
    }
    const created = only('private', 'Microsoft.Network/privateDnsZones').map(({ name }) => name);
    expect(created).toEqual([expect.stringContaining('privatelink.azurewebsites.')]);
  });

  it('links a zone that it creates to the network of the endpoints, and to that of the app', () => {
    const links = only('private', 'Microsoft.Network/privateDnsZones/virtualNetworkLinks');
    const networks = links.map(
      ({ properties }) => /virtualNetworks\/(\w+)/.exec(JSON.stringify(properties))?.[1],
    );
    expect(networks.sort()).toEqual(['applications', 'corporate']);
  });

  it('that exists is used, and none is created', () => {
    expect(deployments.private.some(({ type }) => type === 'Microsoft.Network/virtualNetworks')).toBe(false);
    expect(only('private', 'Microsoft.Web/sites')[0]?.properties['virtualNetworkSubnetId']).toMatch(
      /virtualNetworks\/applications\/subnets\/functions$/,
    );
  });
});

describe('a group of HR systems', () => {
  it('may send to one queue and take from another, and has no other role', () => {
    const to = 'Group 00000000-0000-0000-0000-000000000001';
    expect(rolesGiven('private').filter((given) => given.to !== 'the app')).toEqual([
      { to, role: 'Storage Queue Data Message Sender', on: 'simring-bulk' },
      { to, role: 'Storage Queue Data Message Processor', on: 'simring-results' },
    ]);
  });

  it('has no role if no group is named', () => {
    expect(rolesGiven('main').filter(({ to }) => to !== 'the app')).toEqual([]);
  });
});

const templateSchema = z.object({
  parameters: z.record(
    z.string(),
    z.object({ type: z.string().optional(), metadata: z.unknown().optional() }),
  ),
  outputs: z.record(z.string(), z.object({ type: z.string(), value: z.string() })),
});

/** The compiled template, or undefined on a machine without a compiler. CI requires one. */
function compiledTemplate(): string | undefined {
  try {
    return compileMain();
  } catch (error) {
    if (!(error instanceof NoCompilerError) || process.env['BICEP_REQUIRED'] !== undefined) throw error;
    console.log(error.message);
    return undefined;
  }
}

const template = compiledTemplate();

describe.skipIf(template === undefined)('the compiled template', () => {
  const { parameters, outputs } = templateSchema.parse(
    JSON.parse(template ?? '{"parameters":{},"outputs":{}}'),
  );

  it('has no secret parameter, and describes each one', () => {
    for (const [name, { type, metadata }] of Object.entries(parameters)) {
      expect(type ?? 'a type of ours', name).not.toMatch(/^secure/i);
      expect(metadata, name).toMatchObject({ description: expect.stringMatching(/\S/) });
    }
  });

  it('outputs names, ids and URLs, and no key', () => {
    expect(Object.keys(outputs).sort()).toEqual(outputNames);
    expect(template).not.toMatch(/listKeys|listSecrets|listAccountSas|listServiceSas/i);
  });
});
