import { DefaultAzureCredential } from '@azure/identity';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';

// The SDK looks for the endpoint once per process, so that each identity has a test file of its own.
const endpoint = new IdentityEndpoint();

beforeAll(async () => {
  await endpoint.start();
  for (const [name, value] of Object.entries(endpoint.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint.stop();
});

it('gets a token as the system-assigned identity with two variables only', async () => {
  expect(Object.keys(endpoint.environment)).toEqual(['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']);
  const { token, expiresOnTimestamp } = await new DefaultAzureCredential().getToken(
    'https://vault.azure.net/.default',
  );
  expect(endpoint.accepts(token, 'https://vault.azure.net')).toBe(true);
  expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
  expect(endpoint.tokensIssued).toBe(1);
});
