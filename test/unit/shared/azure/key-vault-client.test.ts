import { expect, it } from 'vitest';
import { KeyVaultCredentials } from '../../../../shared/azure/key-vault.ts';
import { VaultUnavailableError } from '../../../../shared/ring/ports/credential-store.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { sip } from '../../../support/ring/addresses.ts';

it('makes the client of the vault again where it could not be made, and keeps the one that could', async () => {
  let tries = 0;
  const identity = async () => {
    tries += 1;
    if (tries < 3) throw new Error('A library could not be loaded.');
    return { getToken: () => Promise.reject(new Error('There is no token.')) };
  };
  const credentials = new KeyVaultCredentials(new URL('https://127.0.0.1:1/'), identity, new FakeClock());
  const { signal } = new AbortController();
  for (const made of [1, 2, 3, 3]) {
    const reading = credentials.read(sip('alice@contoso.com'), { fresh: false, signal });
    await expect(reading).rejects.toThrow(VaultUnavailableError);
    expect(tries).toBe(made);
  }
});
