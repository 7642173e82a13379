import type { TokenCredential } from '@azure/identity';
import { describe, expect, it, vi } from 'vitest';
import { makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { KeyVaultEmulator } from '../../../../infra/local/key-vault/key-vault-emulator.ts';
import { IdentityError } from '../../../../shared/azure/identity-error.ts';
import {
  CredentialMissingError,
  remedyOf,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../shared/ring/ports/credential-store.ts';
import {
  connect,
  failureOf,
  readSecret,
  secret,
  secretName,
  startVault,
  type VaultHarness,
} from '../../../support/azure/vault-harness.ts';

async function startVaultWithSecret(): Promise<VaultHarness> {
  const harness = await startVault();
  harness.vault.setSecret(secretName, JSON.stringify(secret));
  return harness;
}

function hostOf(vault: KeyVaultEmulator): string {
  return new URL(vault.url).host;
}

describe('a vault that fails', () => {
  it('is told apart if it refuses our identity', async () => {
    const { vault, read } = await startVaultWithSecret();
    vault.refuseIdentity(true);
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(VaultRefusedError);
    expect(error.message).toContain(hostOf(vault));
    expect(error.message).toContain('403 ForbiddenByRbac');
  });

  it.each([
    [401, 'Unauthorized', VaultRefusedError],
    [403, 'ForbiddenByFirewall', VaultRefusedError],
    [404, 'Gateway', VaultUnavailableError],
    [408, 'Timeout', VaultUnavailableError],
    [429, 'Throttled', VaultUnavailableError],
    [500, 'InternalServerError', VaultUnavailableError],
    [503, 'ServiceUnavailable', VaultUnavailableError],
  ])('is told apart by %i %s', async (status, code, type) => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ name: secretName, status, code });
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(hostOf(vault));
    expect(error.message).toContain(String(status));
    vault.clearFaults();
    expect((await read()).username).toBe(secret.username);
  });

  it('is asked once for each read: the caller decides about retries', async () => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ name: secretName, status: 429, retryAfterSeconds: 1 });
    await failureOf(read());
    expect(vault.count()).toBe(1);
  });

  it('is unavailable if it breaks the connection', async () => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ kind: 'reset' });
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toContain('no response ECONNRESET');
  });

  it('is unavailable if nothing listens', async () => {
    const { vault, read } = await startVaultWithSecret();
    const host = hostOf(vault);
    await vault.stop();
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toBe(`The vault ${host} could not be read (no response ECONNREFUSED).`);
  });

  it('is given up when the signal aborts, and tells which vault and secret had not answered', async () => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ kind: 'hang' });
    const abort = new AbortController();
    const reading = read({ signal: abort.signal });
    const reason = new DOMException('The time is over.', 'TimeoutError');
    await vi.waitUntil(() => vault.count() === 1, { interval: 5 });
    abort.abort(reason);
    const error = await failureOf(reading);
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toBe(
      `The vault ${hostOf(vault)} had not returned the secret ${secretName} when the time for it ran out.`,
    );
    expect(remedyOf(error)).toContain('on the way to the vault');
  });

  it('is not asked if the signal has aborted before', async () => {
    const { vault, read } = await startVaultWithSecret();
    const reason = new Error('over');
    await expect(read({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(vault.count()).toBe(0);
  });

  it('is unavailable if its certificate is not trusted', async () => {
    const stranger = new KeyVaultEmulator({ acceptsToken: () => true, certificate: await makeCertificate() });
    await stranger.start();
    const error = await failureOf(readSecret(connect(stranger)));
    await stranger.stop();
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toMatch(/no response \w*SELF_SIGNED\w*/);
  });
});

/** What Key Vault says to an identity of another tenant. */
const foreignIssuer =
  'AKV10032: Invalid issuer. Expected one of https://sts.windows.net/72f988bf-0000-0000-0000-000000000000/, found https://sts.windows.net/33e01921-0000-0000-0000-000000000000/.';
const deletedSecret =
  'Secret ucwa-x is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.';

describe('a vault that refuses says why, and what to do:', () => {
  it.each([
    [
      'its firewall',
      { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByFirewall' },
      /does not accept requests from this app's network \(403 ForbiddenByFirewall\)/,
      /networkAcls/,
    ],
    [
      'its private endpoint',
      { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByConnection' },
      /through its private endpoint only.*\(403 ForbiddenByConnection\)/,
      /privatelink\.vaultcore\.azure\.net/,
    ],
    [
      'a missing role',
      { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByRbac' },
      /does not let this app's identity read secrets \(403 ForbiddenByRbac\)/,
      /Key Vault Secrets User/,
    ],
    [
      'a missing access policy',
      { status: 403, code: 'Forbidden', innerCode: 'AccessDenied' },
      /does not let this app's identity read secrets \(403 AccessDenied\)/,
      /^Add an access policy .* secret permission Get/,
    ],
    [
      'another tenant',
      { status: 401, message: foreignIssuer },
      /belongs to another Entra tenant than this app's identity \(401/,
      /KEY_VAULT_URL/,
    ],
    [
      'another token',
      { status: 401, message: 'Error validating the token.' },
      /does not accept the token of this app's identity \(401/,
      /KEY_VAULT_URL/,
    ],
  ])('%s', async (_why, fault, happened, remedy) => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ name: secretName, ...fault });
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(VaultRefusedError);
    expect(error.message).toContain(`The vault ${hostOf(vault)} `);
    expect(error.message).toMatch(happened);
    expect(remedyOf(error)).toMatch(remedy);
  });

  it('a deleted secret is to be recovered', async () => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ name: secretName, status: 404, code: 'SecretNotFound', message: deletedSecret });
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(CredentialMissingError);
    expect(error.message).toBe(`The secret ${secretName} was deleted from the vault ${hostOf(vault)}.`);
    expect(remedyOf(error)).toMatch(
      /^Recover it: az keyvault secret recover --vault-name \S+ --name ucwa-alice/,
    );
  });
});

describe('a response that is not one of Key Vault', () => {
  it.each([
    { status: 404, code: 'Gateway' },
    { status: 400, code: 'BadRequest' },
  ])('is told with the setting that leads there: $status', async (fault) => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ name: secretName, ...fault });
    expect(remedyOf(await failureOf(read()))).toContain('check KEY_VAULT_URL, and what answers at that host');
  });
});

describe('an identity without a token', () => {
  it('is blamed, not the vault, where the time runs out while its endpoint fails', async () => {
    const { vault } = await startVault();
    const message = "This app's identity got no token: the identity endpoint returned 500 (broken).";
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const failing: TokenCredential = {
      getToken: (_scopes, options) =>
        new Promise<never>((_resolve, reject) => {
          onAsked();
          options?.abortSignal?.addEventListener('abort', () =>
            reject(new IdentityError(message, 'unavailable', 'Look at the identity.')),
          );
        }),
    };
    const abort = new AbortController();
    const reading = readSecret(connect(vault, { as: async () => failing }), { signal: abort.signal });
    await asked;
    abort.abort(new Error('The budget is used up.'));
    const error = await failureOf(reading);
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toBe(`The vault ${hostOf(vault)} could not be read. ${message}`);
    expect(remedyOf(error)).toBe('Look at the identity.');
  });

  it.each([
    ['that the library cannot find', new Error('hunter2: no identity here')],
    [
      'that Entra refuses',
      Object.assign(new Error('hunter2'), { name: 'AuthenticationError', statusCode: 400 }),
    ],
  ])('makes the vault unavailable: one %s', async (_how, thrown) => {
    const { vault } = await startVault();
    const as = async () => ({ getToken: () => Promise.reject(thrown) });
    const error = await failureOf(readSecret(connect(vault, { as })));
    expect(error).toBeInstanceOf(VaultUnavailableError);
  });
});
