import { once } from 'node:events';
import { createServer } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { UcwaSimulator } from '../../infra/local/ucwa-simulator/simulator.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const healthSchema = z.object({
  healthy: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      detail: z.string(),
      commands: z.array(z.string()).optional(),
    }),
  ),
});

const addressSchema = z.object({ port: z.number() });

const [ann, ben, cat, dan, eve] = [
  'ann@health.example',
  'ben@health.example',
  'cat@health.example',
  'dan@health.example',
  'eve@health.example',
] as const;

const target = '+1 425 555 0123';
let system: System;

beforeAll(async () => {
  system = await System.start([
    localUser(ann),
    localUser(ben, { secret: false }),
    localUser(cat),
    localUser(dan),
    localUser(eve),
  ]);
});

afterAll(() => system?.stop());

/** Asks for health, of the system's own functions or of another instance, and returns the checks that fail. */
async function failedChecks(query = '', url: string | URL = system.functions.url) {
  const response = await fetch(new URL(`/api/health${query}`, url));
  const text = await response.text();
  expect(text).not.toMatch(/Pw-|5550123/);
  const { healthy, checks } = healthSchema.parse(JSON.parse(text));
  expect(response.status).toBe(healthy ? 200 : 503);
  return checks.filter(({ ok }) => !ok);
}

function put(url: string | URL, user: string): Promise<Response> {
  const body = JSON.stringify({ target });
  return fetch(new URL(`/api/users/${user}/simultaneous-ring`, url), { method: 'PUT', body });
}

describe('the health check', () => {
  it('has a line for each queue and table, the identity, the vault, discovery and the numbering plans', async () => {
    const { body } = await system.call('GET', '/api/health');
    const { healthy, checks } = healthSchema.parse(body);
    expect(healthy).toBe(true);
    expect(checks.map(({ name }) => name)).toEqual([
      'settings',
      'identity',
      'Key Vault',
      'queue simring-bulk',
      'queue simring-bulk-poison',
      'queue simring-results',
      'table simringusers',
      'table simringledger',
      'discovery of health.example',
      'phone numbers',
    ]);
    expect(checks.at(-1)?.detail).toMatch(/\d{4}-\d\d-\d\d/);
    expect(system.services.ucwa.count('token')).toBe(0);
  });

  it('signs in as a user who is named, and changes nothing', async () => {
    expect(await failedChecks(`?user=${ann}`)).toEqual([]);
    expect(system.count('token', ann)).toBe(1);
    expect(system.count('write', ann)).toBe(0);
  });

  it('says what keeps a named user from signing in', async () => {
    expect(await failedChecks(`?user=sip:${ben}`)).toEqual([
      {
        name: `user sip:${ben}`,
        ok: false,
        detail: expect.stringMatching(
          /There is no secret ucwa-ben-40health-2eexample.*Check the user's address/,
        ),
      },
    ]);
  });

  it('sends a refused password of a named user once', async () => {
    system.services.ucwa.setPassword(`sip:${cat}`, 'changed on the server');
    for (let times = 0; times < 2; times++) {
      expect(await failedChecks(`?user=${cat}`)).toMatchObject([
        { name: `user sip:${cat}`, detail: expect.stringContaining('refused') },
      ]);
    }
    const sent = system.services.ucwa.requests.filter(
      ({ step, username }) => step === 'token' && username === 'CORP\\cat',
    );
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['?user=ann', '/user'],
    ['?user=ann@elsewhere.example', '/user'],
    ['?users=ann@health.example', '/users'],
  ])('refuses the query %s', async (query, pointer) => {
    const { status, body } = await system.call('GET', `/api/health${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid-request', errors: [{ pointer }] });
  });

  it('names the host of a pool that is not trusted, and the setting', async () => {
    const ucwa = new UcwaSimulator({ users: [], hosts: { pools: ['localhost'] } });
    await ucwa.start();
    const instance = await system.startInstance({ UCWA_DISCOVERY_URL: ucwa.discoveryUrl });
    expect(await failedChecks('', instance.url)).toMatchObject([
      {
        name: 'discovery of health.example',
        detail: expect.stringMatching(/leads to \S*localhost, which is not trusted.*UCWA_TRUSTED_HOSTS/),
        commands: [
          expect.stringMatching(
            /^az functionapp config appsettings set .* --settings "UCWA_TRUSTED_HOSTS=.*,localhost"$/,
          ),
        ],
      },
    ]);
    await instance.stop();
    await ucwa.stop();
  });

  it('tells, as every change does at once, that the identity gets no token', async () => {
    const identity = await system.services.identity();
    identity.fail({ status: 400, message: 'Unable to load the proper Managed Identity.', form: 'text' });
    const instance = await system.startInstance();
    const reason =
      /identity endpoint returned 400 \(Unable to load the proper Managed Identity\).*AZURE_CLIENT_ID/;
    expect(await failedChecks('', instance.url)).toMatchObject([
      { name: 'identity', detail: expect.stringMatching(reason) },
      { name: 'Key Vault', detail: expect.stringMatching(reason) },
    ]);
    const refused = await put(instance.url, dan);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      code: 'misconfigured',
      detail: expect.stringMatching(reason),
    });
    identity.fail(undefined);
    expect(await (await put(instance.url, dan)).json()).toMatchObject({ outcome: 'applied' });
    await instance.stop();
  });
});

describe('an identity endpoint that fails', () => {
  it('is blamed by the checks of the identity and of the vault, whose time runs out', async () => {
    const identity = await system.services.identity();
    identity.fail({ status: 500, message: 'Internal error.', form: 'text' });
    const instance = await system.startInstance();
    const detail = expect.stringMatching(/identity endpoint returned 500 .*look at Azure's service health/);
    expect(await failedChecks('', instance.url)).toMatchObject([
      { name: 'identity', detail },
      { name: 'Key Vault', detail },
    ]);
    identity.fail(undefined);
    await instance.stop();
  });
});

describe('services that accept connections and stay silent', () => {
  it('are named by the checks of queues, tables and the identity when their time runs out', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = addressSchema.parse(silent.address());
    const instance = await system.startInstance({
      BulkStorage: system.services.storage.connectionString.replace(
        /(Queue|Table)Endpoint=http:\/\/127\.0\.0\.1:\d+/g,
        `$1Endpoint=http://127.0.0.1:${port}`,
      ),
      IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`,
    });
    const failed = await failedChecks('', instance.url);
    const named = new Map(failed.map(({ name, detail }) => [name, detail]));
    for (const place of ['queue simring-bulk', 'table simringusers', 'table simringledger'])
      expect(named.get(place)).toMatch(
        new RegExp(`^127\\.0\\.0\\.1:${port} did not answer within 8 seconds\\.`),
      );
    expect(named.get('identity')).toMatch(
      /^What issues tokens to this app did not answer within 8 seconds\./,
    );
    await instance.stop();
    silent.close();
  });
});

describe('a vault that refuses the app', () => {
  it.each([
    [
      'role',
      { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByRbac' },
      /does not let this app's identity read secrets \(403 ForbiddenByRbac\)/,
      /^az role assignment create --role "Key Vault Secrets User" --assignee \S+ --scope "\$\(az keyvault show /,
    ],
    [
      'tenant',
      {
        status: 401,
        code: 'Unauthorized',
        message:
          'AKV10032: Invalid issuer. Expected one of https://sts.windows.net/a/, found https://sts.windows.net/b/.',
      },
      /belongs to another Entra tenant/,
      /^az keyvault show --name VAULT --query properties\.tenantId/,
    ],
    [
      'firewall',
      { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByFirewall' },
      /does not accept requests from this app's network/,
      /^az network vnet subnet update .* --service-endpoints Microsoft\.KeyVault Microsoft\.Storage$/,
    ],
    [
      'private address',
      { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByConnection' },
      /accepts requests through its private endpoint only/,
      /^az network private-dns link vnet create .*privatelink\.vaultcore\.azure\.net/,
    ],
  ])(
    'is found by the health check alone, with the command that mends it: %s',
    async (_what, fault, detail, command) => {
      system.services.vault.fail(fault);
      const failed = await failedChecks();
      system.services.vault.clearFaults();
      expect(failed).toEqual([
        { name: 'Key Vault', ok: false, detail: expect.stringMatching(detail), commands: expect.any(Array) },
      ]);
      expect(failed[0]?.commands?.[0]).toMatch(command);
      expect(await failedChecks()).toEqual([]);
    },
  );
});

describe('a vault that its firewall keeps from the app', () => {
  it('is misconfigured over HTTP, and deferred in a batch, naming the network', async () => {
    const fault = { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByFirewall' } as const;
    system.services.vault.fail({ name: 'ucwa-eve-40health-2eexample', ...fault });
    const detail = expect.stringMatching(/127\.0\.0\.1:\d+ does not accept requests.*networkAcls/);
    const refused = await system.ring('PUT', eve, { target });
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({ code: 'misconfigured', detail });
    const entries = [{ user: eve, target }];
    const message = { schema: 'simring/bulk/1', batch: 'firewall', entries };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    const seen = await eventually(
      () => system.call('GET', '/api/bulk/firewall'),
      ({ text }) => text.includes('"deferred":1'),
    );
    expect(seen.body).toMatchObject({ outcomes: [{ outcome: 'deferred', code: 'misconfigured', detail }] });
    system.services.vault.clearFaults();
  });
});

describe('a secret whose backslash is not doubled', () => {
  it.each([
    String.raw`{"username":"CORP\bob","password":"p"}`,
    String.raw`{"username":"CORP\eve","password":"p"}`,
  ])('%s ends as credential-invalid over HTTP and in a batch, and is sent to nobody', async (secret) => {
    system.services.vault.setSecret('ucwa-eve-40health-2eexample', secret);
    const requests = system.services.ucwa.count('token');
    const detail = expect.stringMatching(/The secret ucwa-eve-40health-2eexample .*must be doubled/);
    const refused = await system.ring('PUT', eve, { target });
    expect(refused.status).toBe(424);
    expect(refused.body).toMatchObject({ code: 'credential-invalid', detail });
    const batch = `backslash-${secret.charAt(18)}`;
    const message = { schema: 'simring/bulk/1', batch, entries: [{ user: eve, target }] };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    const seen = await eventually(
      () => system.call('GET', `/api/bulk/${batch}`),
      ({ status, body }) => status === 200 && batchSchema.parse(body).finished,
    );
    expect(seen.body).toMatchObject({ outcomes: [{ code: 'credential-invalid', detail }] });
    expect(system.services.ucwa.count('token')).toBe(requests);
  });
});

describe('a table that was removed', () => {
  it('is named by the health check and by a request that meets it', async () => {
    const { connectionString } = system.services.storage;
    const options = { allowInsecureConnection: true };
    await TableClient.fromConnectionString(connectionString, 'simringusers', options).deleteTable();
    const missing = 'The table simringusers does not exist. The deployment creates it';
    expect(await failedChecks()).toMatchObject([
      {
        name: 'table simringusers',
        detail: expect.stringContaining(missing),
        commands: ['az storage table create --auth-mode login --account-name STORAGE --name simringusers'],
      },
    ]);
    const refused = await system.ring('PUT', ann, { target });
    expect(refused.status).toBe(503);
    expect(refused.body).toMatchObject({
      code: 'storage-unavailable',
      detail: expect.stringContaining(missing),
    });
  });
});
