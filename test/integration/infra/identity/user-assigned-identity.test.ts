import { DefaultAzureCredential } from '@azure/identity';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';

// The SDK looks for the endpoint once per process, so that each identity has a test file of its own.
const endpoint = new IdentityEndpoint({ clientId: '4e1a2f36-0c4d-4b1e-9a57-d00935bdc1aa' });

beforeAll(async () => {
  await endpoint.start();
  for (const [name, value] of Object.entries(endpoint.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await endpoint.stop();
});

it('gets a token as the user-assigned identity that AZURE_CLIENT_ID names', async () => {
  expect(Object.keys(endpoint.environment)).toEqual([
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'AZURE_CLIENT_ID',
  ]);
  const { token, expiresOnTimestamp } = await new DefaultAzureCredential().getToken(
    'https://storage.azure.com/.default',
  );
  expect(endpoint.accepts(token, 'https://storage.azure.com')).toBe(true);
  expect(expiresOnTimestamp).toBeGreaterThan(Date.now());
  expect(endpoint.tokensIssued).toBe(1);
});
