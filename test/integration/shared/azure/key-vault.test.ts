import { describe, expect, it } from 'vitest';
import {
  CredentialInvalidError,
  CredentialMissingError,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../shared/ring/ports/credential-store.ts';
import { failureOf, secret, secretName, startVault } from '../../../support/azure/vault-harness.ts';
import { sip } from '../../../support/ring/addresses.ts';

describe('a credential', () => {
  it('is read from the secret of its user, with its version', async () => {
    const { vault, read } = await startVault();
    const version = vault.setSecret(secretName, JSON.stringify(secret));
    expect(await read()).toEqual({ ...secret, name: secretName, version });
    expect(vault.reads).toEqual([{ name: secretName, status: 200 }]);
  });

  it('may have other properties, and a byte order mark at its start', async () => {
    const { vault, read } = await startVault();
    const version = vault.setSecret(secretName, `\ufeff${JSON.stringify({ ...secret, setBy: 'HR' })}`);
    expect(await read()).toEqual({ ...secret, name: secretName, version });
  });

  it('is cached for a minute', async () => {
    const { vault, clock, read } = await startVault();
    const first = vault.setSecret(secretName, JSON.stringify(secret));
    await read();
    const second = vault.setSecret(secretName, JSON.stringify({ ...secret, password: 'new' }));
    await clock.advance(59_999);
    expect((await read()).version).toBe(first);
    expect(vault.count()).toBe(1);
    await clock.advance(2);
    expect(await read()).toEqual({ ...secret, password: 'new', name: secretName, version: second });
    expect(vault.count()).toBe(2);
  });

  it('is read past the cache when it must be fresh, and cached anew', async () => {
    const { vault, read } = await startVault();
    vault.setSecret(secretName, JSON.stringify(secret));
    await read();
    const second = vault.setSecret(secretName, JSON.stringify(secret));
    expect((await read({ fresh: true })).version).toBe(second);
    expect((await read()).version).toBe(second);
    expect(vault.count()).toBe(2);
  });

  it('is separate for each user', async () => {
    const { vault, credentials, read } = await startVault();
    vault.setSecret(secretName, JSON.stringify(secret));
    vault.setSecret('ucwa-bob-40contoso-2ecom', JSON.stringify({ username: 'bob', password: 'b' }));
    await read();
    const bob = await credentials.read(sip('bob@contoso.com'), {
      fresh: false,
      signal: new AbortController().signal,
    });
    expect(bob.username).toBe('bob');
  });
});

describe('a secret that cannot be used', () => {
  it('is reported missing by name, and found as soon as it exists', async () => {
    const { vault, read } = await startVault();
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(CredentialMissingError);
    expect(error.message).toContain(secretName);
    vault.setSecret(secretName, JSON.stringify(secret));
    expect((await read()).username).toBe(secret.username);
  });

  it('is reported missing after it was deleted', async () => {
    const { vault, read } = await startVault();
    vault.setSecret(secretName, JSON.stringify(secret));
    vault.deleteSecret(secretName);
    expect(await failureOf(read())).toBeInstanceOf(CredentialMissingError);
  });

  it('is reported as disabled, which does not mean that the vault refuses us', async () => {
    const { vault, read } = await startVault();
    vault.setSecret(secretName, JSON.stringify(secret));
    vault.disableSecret(secretName);
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(CredentialInvalidError);
    expect(error.message).toBe(`The secret ${secretName} is disabled.`);
  });

  it.each([
    ['a text that is not JSON', 'CONTOSO\\alice:hunter2'],
    ['an empty text', ''],
    ['a JSON string', '"hunter2"'],
    ['a list', '["CONTOSO\\\\alice","hunter2"]'],
    ['JSON without a password', '{"username":"CONTOSO\\\\alice"}'],
    ['JSON without a user name', '{"password":"hunter2"}'],
    ['JSON with an empty password', '{"username":"CONTOSO\\\\alice","password":""}'],
    ['JSON with a number as password', '{"username":"CONTOSO\\\\alice","password":7}'],
    ['JSON with other property names', '{"Username":"CONTOSO\\\\alice","Password":"hunter2"}'],
  ])('is reported as invalid: %s', async (_what, value) => {
    const { vault, read } = await startVault();
    vault.setSecret(secretName, value);
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(CredentialInvalidError);
    expect(error.message).toContain(secretName);
  });

  it('does not replace the cached credential', async () => {
    const { vault, read } = await startVault();
    vault.setSecret(secretName, JSON.stringify(secret));
    await read();
    vault.setSecret(secretName, 'broken');
    await failureOf(read({ fresh: true }));
    expect((await read()).username).toBe(secret.username);
  });
});

describe('a probe', () => {
  const { signal } = new AbortController();

  it('resolves if the vault responds, although it has no such secret', async () => {
    const { vault, credentials } = await startVault();
    await expect(credentials.probe(signal)).resolves.toBeUndefined();
    expect(vault.reads.map(({ status }) => status)).toEqual([404]);
  });

  it('rejects with the reason if the vault refuses or is unavailable', async () => {
    const { vault, credentials } = await startVault();
    vault.refuseIdentity(true);
    expect(await failureOf(credentials.probe(signal))).toBeInstanceOf(VaultRefusedError);
    await vault.stop();
    expect(await failureOf(credentials.probe(signal))).toBeInstanceOf(VaultUnavailableError);
  });
});
