import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import * as z from 'zod';
import type { Clock } from '../../runtime/clock.ts';
import { isJsonObject, parseJson } from '../../runtime/json.ts';
import { failed, type Result, success } from '../../runtime/result.ts';
import type { TenantKeys } from './tenant-keys.ts';

/** The tenant that identifies callers, and the application that tokens must be for. */
export interface TokenRules {
  readonly tenantId: string;
  readonly audience: string;
  readonly issuer: string;
}

/** Why a token is not taken. No text repeats anything from the token. */
export type TokenRefusal =
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number; readonly detail: string };

/** The claims that decide; whatever else a token has stays in {@link VerifiedToken.others}. */
export interface VerifiedToken {
  readonly claims: z.infer<typeof claimsSchema>;
  readonly others: Readonly<Record<string, unknown>>;
}

const toleranceSeconds = 5 * 60;

const claimsSchema = z.object({
  oid: z.guid().toLowerCase(),
  sub: z.string().min(1),
  // ID tokens have the client as audience too, which may be ours, and no `azp`.
  azp: z.guid().toLowerCase(),
  idtyp: z.enum(['app', 'user']).optional(),
  scp: z.string().optional(),
  roles: z.array(z.string()).default([]),
  idp: z.string().optional(),
  acct: z.union([z.number(), z.string()]).optional(),
});

/**
 * Verifies an access token of version 2.0: signed with RS256 by a key of the tenant, for our audience, within its times with
 * five minutes' tolerance. What the token says of itself is judged before keys are fetched, so that tokens for others cause none.
 */
export async function verifyToken(
  token: string,
  { rules, keys, clock }: { readonly rules: TokenRules; readonly keys: TenantKeys; readonly clock: Clock },
): Promise<Result<VerifiedToken, TokenRefusal>> {
  const kid = keyIdOf(token);
  if (!kid.ok) return invalid(kid.error);
  const wrong = refusePayload(payloadOf(token), rules, clock.nowMs() / 1000);
  if (wrong !== undefined) return invalid(wrong);
  const found = await keys.find(kid.value);
  if (found.kind === 'unavailable') return failed(found);
  if (found.kind === 'unknown') return invalid('Its key is not a key of the tenant.');
  try {
    const { payload } = await jwtVerify(token, found.key, {
      algorithms: ['RS256'],
      issuer: rules.issuer,
      audience: rules.audience,
      clockTolerance: toleranceSeconds,
      currentDate: new Date(clock.nowMs()),
      requiredClaims: ['exp', 'nbf', 'iat', 'tid', 'ver'],
    });
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) return invalid('It is not an access token with the claims oid, sub and azp.');
    return success({ claims: claims.data, others: payload });
  } catch (error) {
    if (error instanceof errors.JOSEError) return invalid('Its signature or its form is not valid.');
    throw error;
  }
}

function invalid(reason: string): Result<never, TokenRefusal> {
  return failed({ kind: 'invalid', reason });
}

const compactForm = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** A key id as tenants make them: what looks like a path or an address is not looked for. */
const keyIdForm = /^[A-Za-z0-9_-]{1,100}$/;

/** Keys that a token brings along, or names by address, are never used: `jwk`, `jku`, `x5u` and `x5c` are not read. */
function keyIdOf(token: string): Result<string, string> {
  if (!compactForm.test(token)) return failed('It does not have the form of a signed token.');
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== 'RS256') return failed('It is not signed with RS256.');
    if (typeof kid !== 'string' || !keyIdForm.test(kid)) return failed('It names no valid key id.');
    return success(kid);
  } catch {
    return failed('Its header cannot be read.');
  }
}

function payloadOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload = ''] = token.split('.');
  const value = parseJson(Buffer.from(payload, 'base64url').toString('utf8'));
  return isJsonObject(value) ? value : undefined;
}

function refusePayload(
  payload: Readonly<Record<string, unknown>> | undefined,
  { tenantId, audience, issuer }: TokenRules,
  nowSeconds: number,
): string | undefined {
  if (payload === undefined) return 'Its content cannot be read.';
  const { ver, tid, iss, aud, exp, nbf } = payload;
  if (ver !== '2.0') return notVersion2;
  if (tid !== tenantId) return 'It is from another tenant: sign in to that of this app.';
  if (iss !== issuer) return 'Its issuer is not the tenant.';
  if (aud !== audience) return 'It is for another audience: ask for one for the application of this API.';
  if (typeof exp !== 'number' || typeof nbf !== 'number')
    return 'It does not say from when and until when it is valid (nbf, exp).';
  if (exp + toleranceSeconds <= nowSeconds) return 'It has expired: get a new one.';
  if (nbf - toleranceSeconds > nowSeconds)
    return 'It is not valid yet: check the clocks of the sender and of this app.';
  return undefined;
}

const notVersion2 =
  'It is not a token of version 2.0: set requestedAccessTokenVersion to 2 in the registration.';
