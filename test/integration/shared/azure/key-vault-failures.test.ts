import { describe, expect, it, vi } from 'vitest';
import { makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';
import { KeyVaultEmulator } from '../../../../infra/local/key-vault/key-vault-emulator.ts';
import { VaultRefusedError, VaultUnavailableError } from '../../../../shared/ring/ports/credential-store.ts';
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

  it('is given up when the signal aborts, with its reason', async () => {
    const { vault, read } = await startVaultWithSecret();
    vault.fail({ kind: 'hang' });
    const abort = new AbortController();
    const reading = read({ signal: abort.signal });
    const reason = new DOMException('The time is over.', 'TimeoutError');
    const ended = expect(reading).rejects.toBe(reason);
    await vi.waitUntil(() => vault.count() === 1, { interval: 5 });
    abort.abort(reason);
    await ended;
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

describe('an identity without a token', () => {
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
