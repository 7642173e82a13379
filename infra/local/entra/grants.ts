import { createHash } from 'node:crypto';
import {
  appClaims,
  audienceOf,
  type Claims,
  idClaims,
  personClaims,
  poolClaims,
  type Tenant,
} from './claims.ts';
import type { Codes } from './codes.ts';
import type { Directory } from './directory.ts';
import { type EntraAnswer, oauthError } from './entra-http.ts';
import { type SigningKeys, signToken } from './signing-keys.ts';

/** What the token endpoint needs of the emulator. */
export type GrantDeps = {
  readonly tenant: Tenant;
  readonly directory: Directory;
  readonly keys: SigningKeys;
  readonly codes: Codes;
  /** True for a valid token of the API's federated identity (a managed identity), for `audience`. */
  readonly acceptsAssertion: (token: string, audience: string) => boolean;
  /** True where the API may ask for tokens for this resource (`https://host`). */
  readonly knowsResource: (resource: string) => boolean;
  readonly isConsentMissing: () => boolean;
};

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The audience of an assertion by a federated identity. */
export const federationAudience = 'api://AzureADTokenExchange';

const grants: Readonly<Record<string, (deps: GrantDeps, form: URLSearchParams) => EntraAnswer>> = {
  authorization_code: byCode,
  refresh_token: byRefreshToken,
  client_credentials: byClientCredentials,
  [jwtBearer]: onBehalfOf,
};

/** Answers a request to the token endpoint. */
export function handleTokenRequest(deps: GrantDeps, form: URLSearchParams): EntraAnswer {
  const grant = grants[form.get('grant_type') ?? ''];
  if (grant === undefined)
    return oauthError('unsupported_grant_type', 70003, 'The grant type is not supported.');
  return grant(deps, form);
}

function byCode(deps: GrantDeps, form: URLSearchParams): EntraAnswer {
  const issued = deps.codes.take(form.get('code') ?? '');
  if (issued === undefined)
    return oauthError('invalid_grant', 54005, 'The code was redeemed, or is not known.');
  if (form.get('client_id') !== issued.clientId || form.get('redirect_uri') !== issued.redirectUri)
    return oauthError('invalid_grant', 50148, 'The client or the redirect address is not that of the code.');
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  if (challenge !== issued.challenge)
    return oauthError('invalid_grant', 501481, 'The code_verifier does not match the code_challenge.');
  return personAnswer(deps, issued);
}

function byRefreshToken(deps: GrantDeps, form: URLSearchParams): EntraAnswer {
  const issued = deps.codes.take(form.get('refresh_token') ?? '');
  if (issued === undefined || form.get('client_id') !== issued.clientId)
    return oauthError('invalid_grant', 70000, 'The refresh token is not known.');
  return personAnswer(deps, { ...issued, scope: form.get('scope') ?? issued.scope });
}

function personAnswer(deps: GrantDeps, issued: NonNullable<ReturnType<Codes['take']>>): EntraAnswer {
  const { tenant, directory, keys, codes } = deps;
  const person = directory.person(issued.userPrincipalName);
  const asked = apiScopes(issued.scope).flatMap((scope) =>
    scope === '.default' ? (person.scopes ?? [selfScope]) : [scope],
  );
  const scopes = asked.filter((scope) => person.scopes?.includes(scope) ?? true);
  if (asked.length > 0 && scopes.length === 0)
    return oauthError('invalid_grant', 65001, 'The person or an administrator has not consented.');
  const issue = (claims: Claims) => signToken(keys.current, claims);
  return tokenAnswer(issue(personClaims(tenant, person, { clientId: issued.clientId, scopes })), {
    scope: issued.scope,
    id_token: issue(idClaims(tenant, person, issued.clientId, issued.nonce)),
    refresh_token: codes.add(issued),
    client_info: Buffer.from(JSON.stringify({ uid: person.objectId, utid: tenant.tenantId })).toString(
      'base64url',
    ),
  });
}

function byClientCredentials(deps: GrantDeps, form: URLSearchParams): EntraAnswer {
  const { tenant, directory, keys } = deps;
  const clientId = form.get('client_id') ?? '';
  if (!directory.hasApp(clientId))
    return oauthError('unauthorized_client', 700016, 'The application was not found.');
  const app = directory.app(clientId);
  if (form.get('client_secret') !== app.secret)
    return oauthError('invalid_client', 7000215, 'Invalid client secret provided.', 401);
  const resource = /^(?<resource>.+)\/\.default$/.exec(form.get('scope') ?? '')?.groups?.['resource'];
  const { clientId: apiId } = tenant.api;
  if (resource === undefined || ![apiId, `api://${apiId}`, audienceOf(tenant)].includes(resource))
    return oauthError('invalid_scope', 1002012, 'The scope must be the API followed by /.default.');
  return tokenAnswer(signToken(keys.current, appClaims(tenant, app)), {});
}

function onBehalfOf(deps: GrantDeps, form: URLSearchParams): EntraAnswer {
  const { tenant, directory, keys } = deps;
  const refusal = refuseClient(deps, form);
  if (refusal !== undefined) return refusal;
  const claims = keys.read(form.get('assertion') ?? '');
  const person = directory.personById(claims?.['oid']);
  if (claims === undefined || person === undefined)
    return oauthError('invalid_grant', 50013, 'Assertion failed signature validation.');
  if (claims['aud'] !== audienceOf(tenant))
    return oauthError('invalid_grant', 500131, 'Assertion audience does not match the client app.');
  if (typeof claims['exp'] !== 'number' || claims['exp'] * 1000 <= tenant.now())
    return oauthError('invalid_grant', 500133, 'Assertion is not within its valid time range.');
  const asked = poolScopes(form.get('scope') ?? '');
  if (asked === undefined) return oauthError('invalid_scope', 70011, 'Ask for the scopes of one resource.');
  if (!deps.knowsResource(asked.resource))
    return oauthError(
      'invalid_resource',
      500011,
      `The resource ${asked.resource} was not found in the tenant.`,
    );
  if (deps.isConsentMissing())
    return oauthError('invalid_grant', 65001, 'The person or an administrator has not consented.');
  return tokenAnswer(signToken(keys.current, poolClaims(tenant, person, asked)), {
    scope: form.get('scope') ?? '',
  });
}

function refuseClient(
  { tenant, acceptsAssertion }: GrantDeps,
  form: URLSearchParams,
): EntraAnswer | undefined {
  if (form.get('client_id') !== tenant.api.clientId)
    return oauthError('unauthorized_client', 700016, 'The application was not found.');
  if (form.get('requested_token_use') !== 'on_behalf_of')
    return oauthError('invalid_request', 900144, 'requested_token_use must be on_behalf_of.');
  if (form.get('client_assertion_type') !== assertionType)
    return oauthError('invalid_client', 7000218, 'The request must contain a client_assertion.', 401);
  if (!acceptsAssertion(form.get('client_assertion') ?? '', federationAudience))
    return oauthError('invalid_client', 700211, 'No matching federated identity record found.', 401);
  return undefined;
}

function tokenAnswer(token: string, rest: object): EntraAnswer {
  return {
    status: 200,
    body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: token, ...rest },
  };
}

/** What `.default` asks for of a person who consented to whatever is asked for. */
const selfScope = 'SimultaneousRing.Self';

const oidcScopes = ['openid', 'profile', 'offline_access', 'email'];

/** `api://id/SimultaneousRing.Self openid` asks for the scope `SimultaneousRing.Self` of the API. */
function apiScopes(scope: string): readonly string[] {
  return words(scope).map((word) => word.slice(word.lastIndexOf('/') + 1));
}

/** `https://host/User.ReadWrite` asks for the scope `User.ReadWrite` of the resource `https://host`. */
function poolScopes(scope: string): { resource: string; scopes: readonly string[] } | undefined {
  const asked = words(scope).map((word) => ({
    resource: word.slice(0, word.lastIndexOf('/')),
    scope: word.slice(word.lastIndexOf('/') + 1),
  }));
  const [first] = asked;
  if (first === undefined || asked.some(({ resource }) => resource !== first.resource)) return undefined;
  return { resource: first.resource, scopes: asked.map((one) => one.scope) };
}

function words(scope: string): readonly string[] {
  return scope.split(' ').filter((word) => word !== '' && !oidcScopes.includes(word));
}
