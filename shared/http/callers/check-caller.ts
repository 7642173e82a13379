import type { HttpRequest } from '@azure/functions';
import type { Clock } from '../../runtime/clock.ts';
import { failed, type Result, success } from '../../runtime/result.ts';
import { queryOf } from '../parameters.ts';
import {
  type Access,
  allows,
  leastRole,
  ownSiteHeader,
  type Permission,
  permissionFor,
  selfScope,
} from './access.ts';
import type { Caller } from './caller.ts';
import { type Identified, identify, plainAddress } from './identify.ts';
import { TenantKeys } from './tenant-keys.ts';
import { type TokenRefusal, verifyToken } from './token.ts';

/** The tenant that identifies callers, as the settings have it. */
export interface EntraCallers {
  readonly tenantId: string;
  readonly audience: string;
  /** An origin, without a slash at the end. */
  readonly authority: string;
  readonly sipClaim: string | undefined;
}

/** Why a request is not served. */
export type CallerRefusal =
  | TokenRefusal
  | { readonly kind: 'no-token' }
  | { readonly kind: 'not-allowed'; readonly detail: string };

export type CheckCaller = (
  request: Pick<HttpRequest, 'headers' | 'query' | 'url' | 'params'>,
  access: Exclude<Access, 'anonymous'>,
) => Promise<Result<Caller, CallerRefusal>>;

/** The header in which App Service authentication hands on the token of who signed in. */
const platformHeader = 'x-ms-token-aad-access-token';

/** Returns the check of every request of one instance; the tenant's keys are kept in it. */
export function createCallerCheck(
  entra: EntraCallers,
  deps: {
    readonly clock: Clock;
    readonly fetch: typeof fetch;
    readonly onKeysFailure: (reason: string) => void;
  },
): CheckCaller {
  const { clock, fetch, onKeysFailure } = deps;
  const { tenantId, audience, authority, sipClaim } = entra;
  const url = `${authority}/${tenantId}/discovery/v2.0/keys`;
  const keys = new TenantKeys({ url, clock, fetch, onFailure: onKeysFailure });
  const rules = { tenantId, audience, issuer: `${authority}/${tenantId}/v2.0` };
  return async (request, access) => {
    const given = tokenOf(request.headers);
    if (given === undefined) return failed({ kind: 'no-token' });
    const verified = await verifyToken(given.token, { rules, keys, clock });
    if (!verified.ok) return verified;
    const identified = identify(verified.value, sipClaim);
    if (identified === undefined)
      return failed({ kind: 'invalid', reason: "It is neither a person's nor an application's own." });
    const permission = permissionFor(access, queryOf(request));
    if (given.isPlatforms && permission !== 'read' && request.headers.get(ownSiteHeader) !== '1')
      return failed({ kind: 'not-allowed', detail: foreignSite });
    return authorize(identified, access, { permission, user: request.params['user'], token: given.token });
  };
}

const foreignSite = `A change by somebody signed in through App Service needs the header ${ownSiteHeader}: 1, which a page of another site cannot send. Add it.`;

/** `Authorization` comes first, whatever it holds: who sends one does not mean a browser's session. */
function tokenOf(headers: {
  get(name: string): string | null;
}): { token: string; isPlatforms: boolean } | undefined {
  const authorization = headers.get('authorization');
  if (authorization !== null) {
    const [, token = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    return { token, isPlatforms: false };
  }
  const token = headers.get(platformHeader)?.trim();
  return token === undefined || token === '' ? undefined : { token, isPlatforms: true };
}

/** A role that allows changes to anybody serves one's own address too, with all that it allows. */
function authorize(
  { own, ...caller }: Identified,
  access: Exclude<Access, 'anonymous'>,
  { permission, user, token }: { permission: Permission; user: string | undefined; token: string },
): Result<Caller, CallerRefusal> {
  const self = access.self === true;
  const isOwn = self && 'address' in own && plainAddress(user) === own.address;
  if (isOwn && !allows(caller.roles, 'write'))
    return success({ ...caller, self: { address: own.address, assertion: token } });
  if (allows(caller.roles, permission)) return success(caller);
  const missing = `The caller does not have the role ${leastRole(permission)}, which this request needs.`;
  return failed({
    kind: 'not-allowed',
    detail: [missing, ...whyNotSelf(caller, own, self), advice].join(' '),
  });
}

const advice = 'Ask an administrator of the tenant to assign the role.';

function whyNotSelf({ kind }: Caller, own: Identified['own'], self: boolean): readonly string[] {
  if (kind === 'app') return [];
  if ('refused' in own) return self ? [own.refused] : [];
  return [
    self ? `${selfScope} allows it for the caller's own address only.` : `${selfScope} does not allow it.`,
  ];
}
