import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { localApps } from '../../../infra/local/entra/local-tenant.ts';
import { encodeSegment, makeSigningKey } from '../../../infra/local/entra/signing-keys.ts';
import { FunctionsHost } from '../../../infra/local/functions-host/functions-host.ts';
import {
  alice,
  bearer,
  callersTenant,
  callerUsers,
  nobody,
  routes,
  tokensOf,
} from '../../support/e2e/callers.ts';
import { System } from '../../support/e2e/system.ts';

let system: System;

beforeAll(async () => {
  system = await System.start(callerUsers, {}, { entra: callersTenant });
});
afterAll(() => system?.stop());

const entra = () => system.services.entra;
const self = ['SimultaneousRing.Self'];
const person = (changes: Record<string, unknown> = {}) =>
  entra().personToken('desk@callers.example', self, changes);
const nowSeconds = () => Math.floor(Date.now() / 1000);
const otherKey = makeSigningKey();

/** Header and content of a valid token, to sign or to spoil. */
function contentOf(header: Record<string, unknown>): string {
  const [, claims = ''] = person().split('.');
  return `${encodeSegment({ typ: 'JWT', kid: entra().key.kid, ...header })}.${claims}`;
}

function withHmac(): string {
  const content = contentOf({ alg: 'HS256' });
  const pem = entra().key.publicKey.export({ type: 'spki', format: 'pem' });
  return `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`;
}

/** Signs the claims of a valid token with a key that is not the tenant's. */
function forged(header: Record<string, unknown> = {}): string {
  const claims = entra().read(person());
  if (claims === undefined) throw new Error('The tenant cannot read its own token.');
  return entra().issue(claims, header, otherKey);
}

const jwk = () => otherKey.publicKey.export({ format: 'jwk' });

/** Tokens that identify nobody, each with the word of the reason that the caller is told. */
const wrongTokens: readonly (readonly [string, () => string, RegExp])[] = [
  ['that is empty', () => '', /form/],
  ['that is no token', () => 'hello', /form/],
  ['of two parts', () => person().split('.').slice(0, 2).join('.'), /form/],
  ['of four parts', () => `${person()}.x`, /form/],
  ['whose header is no JSON', () => `aGVsbG8.${person().split('.')[1]}.c2ln`, /header|form/],
  ['whose content is no JSON', () => `${person().split('.')[0]}.aGVsbG8.c2ln`, /content/],
  ['with a spoilt signature', () => `${person().slice(0, -8)}AAAAAAAA`, /signature/],
  ['without a signature', () => `${contentOf({ alg: 'RS256' })}.`, /signature|form/],
  ['with alg none', () => `${contentOf({ alg: 'none' })}.`, /RS256/],
  ['with alg None and a signature', () => `${contentOf({ alg: 'None' })}.c2ln`, /RS256/],
  ['signed with HS256 by the public key', withHmac, /RS256/],
  ['signed by another key under a key id of the tenant', () => forged({ kid: entra().key.kid }), /signature/],
  ['whose key id is a path', () => forged({ kid: '../../dev/null' }), /key id/],
  ['whose key id is an address', () => forged({ kid: 'https://evil.example/keys' }), /key id/],
  ['whose key id is a list', () => forged({ kid: [entra().key.kid] }), /key id/],
  ['without a key id', () => forged({ kid: undefined }), /key id/],
  ['that brings its key along (jwk)', () => forged({ kid: entra().key.kid, jwk: jwk() }), /signature/],
  [
    'that names its keys (jku)',
    () => forged({ kid: entra().key.kid, jku: 'https://evil.example/' }),
    /signature/,
  ],
  [
    'that names its certificate (x5u)',
    () => forged({ kid: entra().key.kid, x5u: 'https://evil.example/' }),
    /signature/,
  ],
  [
    'with a critical extension',
    () => entra().issue(entra().read(person()) ?? {}, { crit: ['b64'], b64: false }),
    /signature/,
  ],
  ['of another issuer', () => person({ iss: 'https://evil.example/v2.0' }), /issuer/],
  ['for another audience', () => person({ aud: '00000003-0000-0000-c000-000000000000' }), /audience/],
  ['for several audiences', () => person({ aud: [entra().read(person())?.['aud'], 'other'] }), /audience/],
  ['of another tenant', () => person({ tid: '00000000-0000-4000-8000-00000000000a' }), /tenant/],
  ['of version 1.0', () => person({ ver: '1.0' }), /version 2\.0/],
  ['that expired six minutes ago', () => person({ exp: nowSeconds() - 360 }), /expired/],
  ['that is valid in six minutes', () => person({ nbf: nowSeconds() + 360 }), /not valid yet/],
  ['without times', () => person({ exp: undefined }), /from when and until when/],
  ['that is an ID token', () => person({ azp: undefined, scp: undefined }), /access token/],
  ['of nobody', () => person({ oid: undefined }), /access token/],
  ['without scope that is not an application', () => person({ scp: undefined }), /neither/],
];

describe('a token', () => {
  it.each(wrongTokens)('%s is refused with the reason', async (_, token, reason) => {
    const response = await system.call('GET', '/api/users', undefined, bearer(token()));
    expect(response.status).toBe(401);
    expect(response.body).toMatchObject({ code: 'unauthenticated', detail: expect.stringMatching(reason) });
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", error_description="/,
    );
    expect(response.headers.get('www-authenticate')).toMatch(reason);
  });

  it.each([
    ['expired four minutes ago', () => person({ exp: nowSeconds() - 240 })],
    ['is valid in four minutes', () => person({ nbf: nowSeconds() + 240, iat: nowSeconds() + 240 })],
    ['says nothing of its kind', () => entra().appToken(localApps.desk.clientId, { idtyp: undefined })],
  ])('that %s is taken', async (_, token) => {
    expect((await system.call('GET', '/api/users', undefined, bearer(token()))).status).toBe(200);
  });

  it.each(['Basic YTpi', 'bearer', 'Bearer', 'Token x', 'Bearer a b'])(
    'is not found in the header Authorization: %s',
    async (authorization) => {
      const response = await system.call('GET', '/api/users', undefined, { authorization });
      expect(response.status).toBe(401);
    },
  );

  it('is not taken from the query, nor is a function key', async () => {
    for (const query of [`access_token=${person()}`, 'code=some-key'])
      expect((await system.call('GET', `/api/users?${query}`)).status).toBe(401);
    const headers = { 'x-functions-key': 'some-key' };
    expect((await system.call('GET', '/api/users', undefined, headers)).status).toBe(401);
  });
});

const roleFor = { read: 'Read', write: 'Write', bulk: 'Bulk' } as const;
const rightsOf: Readonly<Record<string, readonly string[]>> = {
  Read: ['read'],
  Write: ['read', 'write'],
  Bulk: ['read', 'bulk'],
};

describe.each(routes)('$method $path', ({ method, path, needs }) => {
  it('returns 401 without a token', async () => {
    const response = await system.call(method, path);
    expect([response.status, response.body]).toMatchObject([401, { code: 'unauthenticated' }]);
    expect(response.headers.get('www-authenticate')).toContain('The request has no token.');
  });

  it.each([
    ['an application without a role', () => entra().appToken(nobody.clientId)],
    [
      'an application with the role in its scope',
      () => entra().appToken(nobody.clientId, { scope: 'SimultaneousRing.Bulk' }),
    ],
    ['a person with Self alone, for someone else', () => entra().personToken('bob@callers.example', self)],
    [
      'a person whose roles are not quite ours',
      () => entra().personToken('odd@callers.example', ['SimultaneousRing.Bulk', 'SimultaneousRing.Write']),
    ],
    [
      'a guest with the address of a user',
      () => entra().personToken('guest@elsewhere.example', self, { sip_address: alice.sip }),
    ],
  ])('returns 403 to %s, and names the role', async (_, token) => {
    const response = await system.call(method, path, undefined, bearer(token()));
    const detail = expect.stringContaining(`SimultaneousRing.${roleFor[needs]}`);
    expect([response.status, response.body]).toMatchObject([403, { code: 'user-not-allowed', detail }]);
  });

  it.each(Object.keys(rightsOf))('is for %s exactly where the table says so', async (role) => {
    const isAllowed = rightsOf[role]?.includes(needs) === true;
    for (const [name, token] of Object.entries(tokensOf(entra()))) {
      if (!name.endsWith(role)) continue;
      const { status, body } = await system.call(method, path, undefined, bearer(token));
      if (isAllowed) expect([401, 403], `${name}: ${JSON.stringify(body)}`).not.toContain(status);
      else expect([status, body], name).toMatchObject([403, { code: 'user-not-allowed' }]);
    }
  });
});

describe('the routes of the functions', () => {
  it('are all in this table, or anonymous on purpose', async () => {
    const environment = { ...system.services.environment };
    const host = new FunctionsHost({
      appDirectory: inject('appDirectory'),
      port: 0,
      environment,
      log: () => {},
    });
    await host.start();
    const registered = host.functions.filter(({ trigger }) => trigger === 'http');
    await host.stop({ reason: 'interrupt' });
    const tested = routes.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    const open = registered.flatMap(({ route, methods = [] }) =>
      methods
        .map((method) => ({
          method,
          path: `/${route}`.replace('{user}', 'alice@callers.example').replace('{batch}', 'some-batch'),
        }))
        .filter(({ method, path }) => !tested.includes(`${method} ${path}`))
        .map(({ method, path }) => `${method} ${path}`),
    );
    expect(open.toSorted()).toEqual([
      'GET /api/console',
      'GET /api/console/assets/{file}',
      'GET /api/console/some-batch',
      'GET /api/openapi.json',
    ]);
  });

  it('wrote nothing for those who were refused', () => {
    expect(system.count('token', 'bob@callers.example')).toBe(0);
  });
});
