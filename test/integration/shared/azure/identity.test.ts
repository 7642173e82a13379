import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  remedyOf,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../shared/ring/ports/credential-store.ts';
import { failureOf, identity, secret, secretName, startVault } from '../../../support/azure/vault-harness.ts';

// The library keeps a token for the whole process: the tests that need a failure come before the one that obtains a token.

/** Answers requests for tokens with a failure until the test ends. */
function failIdentity(fault: Parameters<typeof identity.fail>[0]): void {
  identity.fail(fault);
  onTestFinished(() => identity.fail(undefined));
}

describe('an identity without a token', () => {
  const sentence = 'Unable to load the proper Managed Identity.';

  it.each(['json', 'text'] as const)(
    'is told apart if its endpoint refuses it, as %s, with status, reason and setting',
    async (form) => {
      const { vault, read } = await startVault();
      failIdentity({ status: 400, message: sentence, form });
      const error = await failureOf(read());
      expect(error).toBeInstanceOf(VaultRefusedError);
      expect(error.message).toBe(
        `The vault ${new URL(vault.url).host} could not be read. This app's identity got no token: the identity endpoint returned 400 (Unable to load the proper Managed Identity).`,
      );
      expect(remedyOf(error)).toContain('AZURE_CLIENT_ID');
      expect(vault.count()).toBe(0);
    },
  );

  it('shows neither tokens nor numbers of what its endpoint says', async () => {
    const { read } = await startVault();
    failIdentity({ status: 400, message: 'Bearer hunter2hunter2 of +1 425 555 0123 is wrong\nand more' });
    const { message } = await failureOf(read());
    expect(message).toContain('returned 400 ([secret] of [number] is wrong).');
  });

  it('makes the vault unavailable if its endpoint has too much to do', async () => {
    const { read } = await startVault();
    failIdentity({ status: 429, message: 'Too many requests.' });
    const error = await failureOf(read());
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toContain('the identity endpoint returned 429 (Too many requests)');
  });

  it('makes the vault unavailable if its endpoint fails for longer than a read may take', async () => {
    const { clock, read } = await startVault();
    failIdentity({ status: 500, message: 'Internal error.' });
    const before = identity.refusals;
    const reading = failureOf(read());
    // The second request shows that the library has read the first response.
    await vi.waitUntil(() => identity.refusals > before + 1, { interval: 5, timeout: 20_000 });
    await clock.advance(10_000);
    const error = await reading;
    expect(error).toBeInstanceOf(VaultUnavailableError);
    expect(error.message).toContain('the identity endpoint returned 500 (Internal error)');
  });

  it('reads the vault as soon as its endpoint issues tokens again', async () => {
    const { vault, read } = await startVault();
    vault.setSecret(secretName, JSON.stringify(secret));
    failIdentity({ status: 400, message: sentence });
    await failureOf(read());
    identity.fail(undefined);
    expect((await read()).username).toBe(secret.username);
  });
});
