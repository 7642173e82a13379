import { createHash, randomUUID } from 'node:crypto';
import type { Directory, EntraApi } from './directory.ts';

type Person = ReturnType<Directory['person']>;
type App = ReturnType<Directory['app']>;
export type Claims = Record<string, unknown>;

/** What the claims of a token depend on besides their subject. */
export type Tenant = {
  readonly tenantId: string;
  /** `https://host:port/{tenant}/v2.0`. */
  readonly issuer: string;
  readonly api: EntraApi;
  readonly now: () => number;
};

const lifetimeSeconds = 3600;

/** The client id of Microsoft Graph, the audience where no scope of the API is asked for. */
const graph = '00000003-0000-0000-c000-000000000000';

/** Returns the claims of an access token of version 2.0 for a person, by the client `clientId`. */
export function personClaims(
  tenant: Tenant,
  person: Person,
  { clientId, scopes }: { clientId: string; scopes: readonly string[] },
): Claims {
  return {
    aud: scopes.length === 0 ? graph : audienceOf(tenant),
    ...commonClaims(tenant),
    ...identityOf(tenant, person),
    azp: clientId,
    azpacr: '0',
    scp: scopes.length === 0 ? 'openid profile' : scopes.join(' '),
  };
}

/** Returns the claims of the ID token that goes with an access token. It names the client as audience and has no `azp`. */
export function idClaims(
  tenant: Tenant,
  person: Person,
  clientId: string,
  nonce: string | undefined,
): Claims {
  return {
    aud: clientId,
    ...commonClaims(tenant),
    ...identityOf(tenant, person),
    ...(nonce === undefined ? {} : { nonce }),
  };
}

/** Returns the claims of an access token of version 2.0 for an application itself. */
export function appClaims(tenant: Tenant, app: App): Claims {
  return {
    aud: audienceOf(tenant),
    ...commonClaims(tenant),
    azp: app.clientId,
    azpacr: '1',
    oid: app.objectId,
    sub: app.objectId,
    idtyp: 'app',
    ...(app.roles === undefined || app.roles.length === 0 ? {} : { roles: app.roles }),
  };
}

/** Returns the claims of a token of version 1.0 for a pool on behalf of a person. `resource` is `https://host`. */
export function poolClaims(
  tenant: Tenant,
  person: Person,
  { resource, scopes }: { resource: string; scopes: readonly string[] },
): Claims {
  return {
    aud: resource,
    ...commonClaims(tenant),
    iss: `https://sts.windows.net/${tenant.tenantId}/`,
    ver: '1.0',
    appid: tenant.api.clientId,
    appidacr: '2',
    scp: scopes.join(' '),
    oid: person.objectId,
    sub: pairwise(person, resource),
    upn: person.userPrincipalName,
    name: person.name ?? person.userPrincipalName,
    ...person.claims,
  };
}

/** The `aud` of tokens for the API. */
export function audienceOf({ api }: Tenant): string {
  return api.audience ?? api.clientId;
}

function commonClaims({ tenantId, issuer, now }: Tenant): Claims {
  const issuedAt = Math.floor(now() / 1000);
  return {
    iss: issuer,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    tid: tenantId,
    uti: randomUUID(),
    ver: '2.0',
  };
}

function identityOf({ api }: Tenant, person: Person): Claims {
  return {
    oid: person.objectId,
    sub: pairwise(person, api.clientId),
    name: person.name ?? person.userPrincipalName,
    preferred_username: person.userPrincipalName,
    ...(person.roles === undefined || person.roles.length === 0 ? {} : { roles: person.roles }),
    ...(person.guest === true
      ? { idp: 'https://sts.windows.net/00000000-0000-4000-8000-000000000001/', acct: 1 }
      : {}),
    ...person.claims,
  };
}

/** A person's `sub` differs from one application to the next, and from the object id. */
function pairwise(person: Person, application: string): string {
  return createHash('sha256').update(`${person.objectId} ${application}`).digest('base64url');
}
