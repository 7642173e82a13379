import { createHash, randomUUID } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ClientSecretCredential, ManagedIdentityCredential, OnBehalfOfCredential } from '@azure/identity';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { EntraEmulator } from '../../../../infra/local/entra/entra-emulator.ts';
import { IdentityEndpoint } from '../../../../infra/local/identity/identity-endpoint.ts';
import { makeCertificate } from '../../../../infra/local/key-vault/certificate.ts';

const trusted = getCACertificates('default');
const api = { clientId: randomUUID() };
const app = { clientId: randomUUID(), secret: 'app-secret', roles: ['SimultaneousRing.Bulk'] };
const identity = new IdentityEndpoint();
const tokensSchema = z.object({ access_token: z.string(), id_token: z.string() });
let entra: EntraEmulator;

beforeAll(async () => {
  const certificate = await makeCertificate();
  setDefaultCACertificates([...trusted, certificate.cert]);
  await identity.start();
  Object.assign(process.env, identity.environment);
  entra = new EntraEmulator({
    certificate,
    api,
    apps: [app],
    people: [
      { userPrincipalName: 'alice@contoso.com', claims: { sip: 'alice@contoso.com' } },
      { userPrincipalName: 'guest@fabrikam.com', guest: true },
    ],
    acceptsAssertion: (token, audience) => identity.accepts(token, audience),
  });
  await entra.start();
});

afterAll(async () => {
  for (const name of Object.keys(identity.environment)) delete process.env[name];
  setDefaultCACertificates(trusted);
  await entra.stop();
  await identity.stop();
});

function credentialOnBehalfOf(userAssertionToken: string, getAssertion = federatedAssertion) {
  // The credential passes this option on, but its type does not have it.
  const options = {
    tenantId: entra.tenantId,
    clientId: api.clientId,
    authorityHost: entra.url,
    disableInstanceDiscovery: true,
    userAssertionToken,
    getAssertion,
  };
  return new OnBehalfOfCredential(options);
}

async function federatedAssertion(): Promise<string> {
  const token = await new ManagedIdentityCredential().getToken('api://AzureADTokenExchange/.default');
  return token.token;
}

function keySet() {
  return createRemoteJWKSet(new URL(`${entra.url}/${entra.tenantId}/discovery/v2.0/keys`));
}

describe('the Entra emulator on behalf of a person', () => {
  const scope = 'https://pool.contoso.com/User.ReadWrite';

  it('gives the real credential a token for the pool, proved by the managed identity', async () => {
    const assertion = entra.personToken('alice@contoso.com', ['SimultaneousRing.Self']);
    const { token } = await credentialOnBehalfOf(assertion).getToken(scope);
    expect(entra.read(token)).toMatchObject({
      aud: 'https://pool.contoso.com',
      scp: 'User.ReadWrite',
      upn: 'alice@contoso.com',
      oid: entra.directory.person('alice@contoso.com').objectId,
    });
  });

  it.each([
    ['a token for something else', () => entra.personToken('alice@contoso.com', ['x'], { aud: 'other' })],
    ['an expired token', () => entra.personToken('alice@contoso.com', ['x'], { exp: 1 })],
    ['the token of an application', () => entra.appToken(app.clientId)],
    [
      'a token that it did not sign',
      () => `${entra.personToken('alice@contoso.com', ['x']).slice(0, -4)}AAAA`,
    ],
  ])('refuses %s as assertion', async (_, assertion) => {
    await expect(credentialOnBehalfOf(assertion()).getToken(scope)).rejects.toThrow('invalid_grant');
  });

  it('refuses an identity that it does not trust', async () => {
    const assertion = entra.personToken('alice@contoso.com', ['SimultaneousRing.Self']);
    const forged = credentialOnBehalfOf(assertion, async () => 'a.b.c');
    await expect(forged.getToken(scope)).rejects.toThrow('invalid_client');
  });

  it('refuses while nobody consented', async () => {
    entra.refuseConsent(true);
    const assertion = entra.personToken('alice@contoso.com', ['SimultaneousRing.Self']);
    await expect(credentialOnBehalfOf(assertion).getToken(scope)).rejects.toThrow('AADSTS65001');
    entra.refuseConsent(false);
  });
});

describe('the Entra emulator for applications', () => {
  it('gives the real credential a token with the roles that were granted', async () => {
    const options = { authorityHost: entra.url, disableInstanceDiscovery: true };
    const credential = new ClientSecretCredential(entra.tenantId, app.clientId, app.secret, options);
    const { token } = await credential.getToken(`api://${api.clientId}/.default`);
    const { payload } = await jwtVerify(token, keySet(), { issuer: entra.issuer, audience: api.clientId });
    expect(payload).toMatchObject({ roles: ['SimultaneousRing.Bulk'], idtyp: 'app', azp: app.clientId });
    expect(payload['scp']).toBeUndefined();
  });
});

describe('the Entra emulator in a browser', () => {
  const verifier = 'a-code-verifier-of-some-forty-characters-or-so';
  const redirectUri = 'http://localhost:7071/api/console';

  async function authorize(changes: Record<string, string> = {}): Promise<Response> {
    const query = new URLSearchParams({
      client_id: api.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      response_mode: 'fragment',
      scope: `api://${api.clientId}/SimultaneousRing.Self openid profile offline_access`,
      state: 'some-state',
      nonce: 'some-nonce',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    });
    return await fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/authorize?${query}`, {
      redirect: 'manual',
    });
  }

  async function redeem(code: string, changes: Record<string, string> = {}): Promise<Response> {
    const body = {
      grant_type: 'authorization_code',
      client_id: api.clientId,
      redirect_uri: redirectUri,
      code,
    };
    const form = new URLSearchParams({ ...body, code_verifier: verifier, ...changes });
    return await fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/token`, { method: 'POST', body: form });
  }

  function fragmentOf(response: Response): URLSearchParams {
    return new URLSearchParams(new URL(response.headers.get('location') ?? '').hash.slice(1));
  }

  it('signs the configured person in with a code, and gives a token with the scope', async () => {
    entra.signIn('alice@contoso.com');
    const fragment = fragmentOf(await authorize());
    expect(fragment.get('state')).toBe('some-state');
    const tokens = tokensSchema.parse(await (await redeem(fragment.get('code') ?? '')).json());
    expect(entra.read(tokens.access_token)).toMatchObject({
      scp: 'SimultaneousRing.Self',
      aud: api.clientId,
    });
    expect(entra.read(tokens.id_token)).toMatchObject({ nonce: 'some-nonce', aud: api.clientId });
    entra.signIn(undefined);
  });

  it('asks who signs in where nobody is signed in', async () => {
    expect(await (await authorize()).text()).toContain('person=alice%40contoso.com');
    expect(fragmentOf(await authorize({ prompt: 'none' })).get('error')).toBe('login_required');
  });

  it('takes a code once, and only with its verifier', async () => {
    const first = fragmentOf(await authorize({ person: 'alice@contoso.com' })).get('code') ?? '';
    expect((await redeem(first, { code_verifier: 'another' })).status).toBe(400);
    const second = fragmentOf(await authorize({ person: 'alice@contoso.com' })).get('code') ?? '';
    expect((await redeem(second)).status).toBe(200);
    expect((await redeem(second)).status).toBe(400);
  });

  it('redirects nowhere but to loopback', async () => {
    expect((await authorize({ redirect_uri: 'https://evil.example/' })).status).toBe(400);
  });
});

describe('the keys of the Entra emulator', () => {
  it('sign with the newest key after a rotation, and keep the former ones in the document', async () => {
    const former = entra.personToken('alice@contoso.com', ['SimultaneousRing.Self']);
    const key = entra.rotateKeys();
    const token = entra.personToken('alice@contoso.com', ['SimultaneousRing.Self']);
    const { protectedHeader } = await jwtVerify(token, keySet());
    expect(protectedHeader.kid).toBe(key.kid);
    await expect(jwtVerify(former, keySet())).resolves.toBeDefined();
  });

  it('fail on demand, and count their requests', async () => {
    const before = entra.count('keys');
    entra.fail({ endpoint: 'keys', answer: { status: 503 } });
    const response = await fetch(`${entra.url}/${entra.tenantId}/discovery/v2.0/keys`);
    expect([response.status, entra.count('keys')]).toEqual([503, before + 1]);
    entra.clearFaults();
  });
});
