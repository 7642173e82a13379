import { RestError } from '@azure/core-rest-pipeline';
import { describe, expect, it } from 'vitest';
import { IdentityError } from '../../../../shared/azure/identity-error.ts';
import { vaultError } from '../../../../shared/azure/key-vault-failure.ts';
import {
  remedyOf,
  VaultRefusedError,
  VaultUnavailableError,
} from '../../../../shared/ring/ports/credential-store.ts';

const host = 'ring.vault.azure.net';
const unresolved = new RestError(`getaddrinfo ENOTFOUND ${host}`, { code: 'ENOTFOUND' });
const challenged = new Error("The challenge resource 'vault.azure.cn' does not match the requested domain.");
const absent = new IdentityError('This process has no identity.', 'absent', 'Sign in with az login.');

describe('a failure to read a vault', () => {
  it.each([
    [
      'a name that does not exist',
      unresolved,
      VaultRefusedError,
      'does not exist, or its name cannot be resolved (no response ENOTFOUND).',
      'KEY_VAULT_URL',
    ],
    ['an address of another name', challenged, VaultRefusedError, 'its own name', 'KEY_VAULT_URL'],
    ['no identity at all', absent, VaultRefusedError, 'has no identity', 'az login'],
    [
      'a resolver that does not answer',
      new RestError('getaddrinfo EAI_AGAIN', { code: 'EAI_AGAIN' }),
      VaultUnavailableError,
      'no response EAI_AGAIN',
      'DNS',
    ],
    [
      'too many reads',
      new RestError('Throttled', { code: 'Throttled', statusCode: 429 }),
      VaultUnavailableError,
      '429 Throttled',
      'ten seconds',
    ],
    [
      'a failed vault',
      new RestError('Bad', { code: 'InternalServerError', statusCode: 500 }),
      VaultUnavailableError,
      '500 InternalServerError',
      'health',
    ],
  ])('by %s has its kind, cause and remedy', (_what, error, type, cause, remedy) => {
    const failure = vaultError('ucwa-x', host, error);
    expect(failure).toBeInstanceOf(type);
    expect(failure.message).toMatch(/^The vault ring\.vault\.azure\.net .*\.$/);
    expect(failure.message).toContain(cause);
    expect(remedyOf(failure)).toContain(remedy);
  });
});
