import { createHmac, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import { tenantId } from './tenant.ts';

/** An access token with its expiry in seconds since 1970. */
export type IssuedToken = { readonly token: string; readonly expiresOn: number };

const lifetimeSeconds = 24 * 60 * 60;

const claimsSchema = z.object({ aud: z.string(), iss: z.string(), nbf: z.number(), exp: z.number() });

/**
 * Issues access tokens in the form of Entra ID, and accepts only its own: they are signed with a secret that only this instance
 * has.
 */
export class TokenIssuer {
  readonly #secret = randomBytes(32);
  readonly #principalId = randomUUID();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Issues a token for one audience and the identity `clientId`, valid for a day. */
  issue(audience: string, clientId: string): IssuedToken {
    const issuedAt = this.#seconds();
    const expiresOn = issuedAt + lifetimeSeconds;
    const header = encode({ typ: 'JWT', alg: 'HS256' });
    const claims = encode({
      aud: audience,
      iss: issuerUrl,
      iat: issuedAt,
      nbf: issuedAt,
      exp: expiresOn,
      appid: clientId,
      oid: this.#principalId,
      sub: this.#principalId,
      tid: tenantId,
      uti: randomUUID(),
      ver: '1.0',
    });
    const content = `${header}.${claims}`;
    return { token: `${content}.${this.#sign(content).toString('base64url')}`, expiresOn };
  }

  /** True for a token that this instance issued for this audience and that has not expired. */
  accepts(token: string, audience: string): boolean {
    const segments = token.split('.');
    const [header, claims, signature] = segments;
    if (segments.length !== 3 || !header || !claims || !signature) return false;
    const expected = this.#sign(`${header}.${claims}`);
    const given = Buffer.from(signature, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
    return this.#areCurrent(claims, audience);
  }

  #areCurrent(encodedClaims: string, audience: string): boolean {
    const claims = claimsSchema.parse(JSON.parse(Buffer.from(encodedClaims, 'base64url').toString()));
    const now = this.#seconds();
    return (
      claims.iss === issuerUrl &&
      withoutSlash(claims.aud) === withoutSlash(audience) &&
      claims.nbf <= now &&
      now < claims.exp
    );
  }

  #sign(content: string): Buffer {
    return createHmac('sha256', this.#secret).update(content).digest();
  }

  #seconds(): number {
    return Math.floor(this.#now() / 1000);
  }
}

const issuerUrl = `https://sts.windows.net/${tenantId}/`;

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function withoutSlash(audience: string): string {
  return audience.endsWith('/') ? audience.slice(0, -1) : audience;
}
