import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';

const vault = 'https://vault.azure.net';

function requestToken(
  endpoint: IdentityEndpoint,
  query: Record<string, string>,
  header?: string,
): Promise<Response> {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = endpoint.environment;
  return fetch(`${IDENTITY_ENDPOINT}?${new URLSearchParams(query)}`, {
    headers: { 'X-IDENTITY-HEADER': header ?? IDENTITY_HEADER },
  });
}

describe('the managed-identity endpoint', () => {
  let nowMs = Date.parse('2026-11-23T09:00:00Z');
  let endpoint: IdentityEndpoint;
  const query = { 'api-version': '2019-08-01', resource: vault };

  beforeEach(async () => {
    nowMs = Date.parse('2026-11-23T09:00:00Z');
    endpoint = new IdentityEndpoint({ now: () => nowMs });
    await endpoint.start();
  });
  afterEach(() => endpoint.stop());

  it('returns a token with the fields of App Service', async () => {
    const response = await requestToken(endpoint, query);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_on: String(nowMs / 1000 + 86_400),
      resource: vault,
      token_type: 'Bearer',
      client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(endpoint.tokensIssued).toBe(1);
  });

  it.each([
    ['a wrong header', 401, query, 'another-header'],
    ['another API version', 400, { ...query, 'api-version': '2017-09-01' }, undefined],
    ['no resource', 400, { 'api-version': '2019-08-01' }, undefined],
    ['an unknown identity', 400, { ...query, client_id: 'unknown' }, undefined],
  ])('refuses %s with %i and issues no token', async (_what, status, parameters, header) => {
    const response = await requestToken(endpoint, parameters, header);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ statusCode: status, message: expect.any(String) });
    expect(endpoint.tokensIssued).toBe(0);
  });

  async function tokenOf(issuer: IdentityEndpoint): Promise<string> {
    const body: { access_token: string } = JSON.parse(await (await requestToken(issuer, query)).text());
    return body.access_token;
  }

  it('accepts its own token for the requested audience, with or without a slash, until it expires', async () => {
    const token = await tokenOf(endpoint);
    expect(endpoint.accepts(token, vault)).toBe(true);
    expect(endpoint.accepts(token, `${vault}/`)).toBe(true);
    expect(endpoint.accepts(token, 'https://storage.azure.com')).toBe(false);
    nowMs += 86_400_000;
    expect(endpoint.accepts(token, vault)).toBe(false);
  });

  it('refuses tokens of another endpoint, changed tokens and other text', async () => {
    const other = new IdentityEndpoint({ now: () => nowMs });
    await other.start();
    const foreign = await tokenOf(other).finally(() => other.stop());
    const [header, claims, signature] = (await tokenOf(endpoint)).split('.');
    const widened = Buffer.from(JSON.stringify({ aud: vault, exp: 1e12 })).toString('base64url');
    for (const token of [
      foreign,
      `${header}.${widened}.${signature}`,
      `${header}.${claims}.`,
      'nonsense',
      '',
    ]) {
      expect(endpoint.accepts(token, vault)).toBe(false);
    }
  });

  it('rejects with the port when it is in use', async () => {
    const port = Number(new URL(endpoint.environment.IDENTITY_ENDPOINT).port);
    await expect(new IdentityEndpoint({ port }).start()).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });
});
