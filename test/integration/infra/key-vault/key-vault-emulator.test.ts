import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { DefaultAzureCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';
import { type Certificate, makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { KeyVaultEmulator } from '../../../../infra/local/key-vault/key-vault-emulator.ts';

const identity = new IdentityEndpoint();
const trusted = getCACertificates('default');
let certificate: Certificate;
let vault: KeyVaultEmulator;
let client: SecretClient;

beforeAll(async () => {
  certificate = await makeCertificate();
  setDefaultCACertificates([...trusted, certificate.cert]);
  await identity.start();
  for (const [name, value] of Object.entries(identity.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  setDefaultCACertificates(trusted);
  await identity.stop();
});

beforeEach(async () => {
  vault = new KeyVaultEmulator({
    acceptsToken: (token, audience) => identity.accepts(token, audience),
    certificate,
  });
  await vault.start();
  client = new SecretClient(vault.url, new DefaultAzureCredential(), {
    disableChallengeResourceVerification: true,
    retryOptions: { maxRetries: 0 },
  });
});
afterEach(() => vault.stop());

describe('the real SecretClient', () => {
  it('reads a secret after the challenge, which counts as one read', async () => {
    const version = vault.setSecret('ucwa-alice', '{"username":"a"}', { contentType: 'application/json' });
    const secret = await client.getSecret('UCWA-Alice');
    expect(secret).toMatchObject({ name: 'ucwa-alice', value: '{"username":"a"}' });
    expect(secret.properties).toMatchObject({ version, enabled: true, contentType: 'application/json' });
    expect(vault.reads).toEqual([{ name: 'UCWA-Alice', status: 200 }]);
    expect([vault.count(), vault.count('ucwa-alice'), vault.count('ucwa-bob')]).toEqual([1, 1, 0]);
  });

  it('reads the latest version, and an older one by its id', async () => {
    const first = vault.setSecret('ucwa-alice', 'same');
    const second = vault.setSecret('ucwa-alice', 'same');
    expect(second).not.toBe(first);
    expect((await client.getSecret('ucwa-alice')).properties.version).toBe(second);
    const older = await client.getSecret('ucwa-alice', { version: first });
    expect(older.properties.version).toBe(first);
  });

  it('gets 404 SecretNotFound for a missing secret', async () => {
    const code = 'SecretNotFound';
    await expect(client.getSecret('nobody')).rejects.toMatchObject({ statusCode: 404, code });
    expect(vault.reads).toEqual([{ name: 'nobody', status: 404 }]);
  });

  it('gets Forbidden with SecretDisabled inside for a disabled version', async () => {
    vault.setSecret('ucwa-alice', 'x');
    vault.disableSecret('ucwa-alice');
    await expect(client.getSecret('ucwa-alice')).rejects.toMatchObject({
      statusCode: 403,
      code: 'Forbidden',
      details: { error: { innerError: { code: 'SecretDisabled' } } },
    });
    vault.setSecret('ucwa-alice', 'y');
    expect((await client.getSecret('ucwa-alice')).value).toBe('y');
  });

  it('gets Forbidden with ForbiddenByRbac inside while the identity is refused', async () => {
    vault.setSecret('ucwa-alice', 'x');
    vault.refuseIdentity(true);
    await expect(client.getSecret('ucwa-alice')).rejects.toMatchObject({
      statusCode: 403,
      details: { error: { innerError: { code: 'ForbiddenByRbac' } } },
    });
    vault.refuseIdentity(false);
    expect((await client.getSecret('ucwa-alice')).value).toBe('x');
  });
});

describe('a fault', () => {
  it('applies to the secret that it names, as often as it says', async () => {
    vault.setSecret('ucwa-alice', 'x');
    vault.setSecret('ucwa-bob', 'x');
    vault.fail({ name: 'ucwa-alice', times: 1, status: 429 });
    expect((await client.getSecret('ucwa-bob')).value).toBe('x');
    await expect(client.getSecret('ucwa-alice')).rejects.toMatchObject({
      statusCode: 429,
      code: 'Throttled',
    });
    expect((await client.getSecret('ucwa-alice')).value).toBe('x');
  });

  it('can have a Retry-After', async () => {
    vault.setSecret('ucwa-alice', 'x');
    vault.fail({ times: 1, status: 503, code: 'ServerBusy', retryAfterSeconds: 0 });
    const patient = new SecretClient(vault.url, new DefaultAzureCredential(), {
      disableChallengeResourceVerification: true,
    });
    expect((await patient.getSecret('ucwa-alice')).value).toBe('x');
    expect(vault.reads.map(({ status }) => status)).toEqual([503, 200]);
  });

  it('can break connections until it is cleared', async () => {
    vault.setSecret('ucwa-alice', 'x');
    vault.fail({ kind: 'reset' });
    await expect(client.getSecret('ucwa-alice')).rejects.toMatchObject({ code: 'ECONNRESET' });
    vault.clearFaults();
    expect((await client.getSecret('ucwa-alice')).value).toBe('x');
    expect(vault.reads.map(({ status }) => status)).toEqual([0, 200]);
  });

  it('can let requests hang until the client gives up or the vault stops', async () => {
    vault.setSecret('ucwa-alice', 'x');
    await client.getSecret('ucwa-alice');
    vault.fail({ kind: 'hang' });
    const abort = new AbortController();
    const given = client.getSecret('ucwa-alice', { abortSignal: abort.signal });
    const hanging = expect(client.getSecret('ucwa-alice')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await vi.waitUntil(() => vault.count() === 3);
    abort.abort();
    await expect(given).rejects.toMatchObject({ name: 'AbortError' });
    await vault.stop();
    await hanging;
  });
});

describe('the vault', () => {
  it('challenges a request without a token and one with a foreign token', async () => {
    for (const headers of [{}, { authorization: 'Bearer a.b.c' }]) {
      const response = await fetch(`${vault.url}/secrets/x?api-version=7.4`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(
        /^Bearer authorization="https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36}", resource="https:\/\/vault\.azure\.net"$/,
      );
      expect(await response.json()).toMatchObject({ error: { code: 'Unauthorized' } });
    }
    expect(vault.count()).toBe(0);
  });

  it.each([
    ['GET', '/secrets/x', undefined, 'api-version must be specified'],
    ['GET', '/secrets/not_a_name?api-version=7.4', undefined, 'name is invalid'],
    ['GET', '/secrets?api-version=7.4&maxresults=26', undefined, 'maxresults must be a number'],
    ['PUT', '/secrets/x?api-version=7.4', '{"valeu":"y"}', 'value is missing'],
    ['POST', '/secrets/x?api-version=7.4', '{}', 'no such operation'],
  ])('refuses %s %s with 400 BadParameter', async (method, path, body, message) => {
    const { token } = await new DefaultAzureCredential().getToken('https://vault.azure.net/.default');
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${vault.url}${path}`, { method, headers, body: body ?? null });
    expect(response.status).toBe(400);
    const error = { code: 'BadParameter', message: expect.stringContaining(message) };
    expect(await response.json()).toEqual({ error });
  });

  it('sets secrets, lists them page by page, and keeps a deleted name until it is recovered', async () => {
    const names = Array.from({ length: 60 }, (_, nth) => `ucwa-listed-${nth}`);
    for (const name of names) await client.setSecret(name, 'x', { tags: { of: 'test' } });
    const listed: string[] = [];
    for await (const { name, tags } of client.listPropertiesOfSecrets())
      if (tags?.['of'] === 'test') listed.push(name);
    expect(listed.toSorted()).toEqual(names.toSorted());
    await client.beginDeleteSecret('ucwa-listed-7');
    await expect(client.setSecret('ucwa-listed-7', 'y')).rejects.toMatchObject({ statusCode: 409 });
    await client.beginRecoverDeletedSecret('ucwa-listed-7');
    expect((await client.getSecret('ucwa-listed-7')).value).toBe('x');
  });

  it('refuses a name that Key Vault does not allow', () => {
    expect(() => vault.setSecret('under_score', 'x')).toThrow('under_score');
  });

  it('rejects with the port when it is in use', async () => {
    const port = Number(new URL(vault.url).port);
    const second = new KeyVaultEmulator({ acceptsToken: () => true, certificate, port });
    await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });

  it('keeps its secrets across a stop and a start', async () => {
    vault.setSecret('ucwa-alice', 'x');
    await vault.stop();
    await vault.start();
    const again = new SecretClient(vault.url, new DefaultAzureCredential(), {
      disableChallengeResourceVerification: true,
    });
    expect((await again.getSecret('ucwa-alice')).value).toBe('x');
  });

  it('stops without waiting for its latency', async () => {
    const slow = new KeyVaultEmulator({ acceptsToken: () => true, certificate, latencyMs: 3_600_000 });
    await slow.start();
    const waiting = expect(fetch(`${slow.url}/secrets/x?api-version=7.4`)).rejects.toThrow('fetch failed');
    await fetch(`${slow.url}/control/reads`);
    await slow.stop();
    await waiting;
  });

  it('serves localhost with the same certificate', async () => {
    const response = await fetch(`${vault.url.replace('127.0.0.1', 'localhost')}/control/reads`);
    expect(response.status).toBe(200);
  });
});
