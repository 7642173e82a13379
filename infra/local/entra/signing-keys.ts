import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

/** One RSA key of the tenant, with the id that tokens and the key document name. */
export type SigningKey = {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
};

/** The tenant's signing keys, the newest first. Tokens are signed with the newest; the document lists all of them. */
export class SigningKeys {
  #keys: readonly SigningKey[] = [makeSigningKey()];

  get current(): SigningKey {
    const [first] = this.#keys;
    if (first === undefined) throw new Error('A tenant has at least one key.');
    return first;
  }

  /** Adds a key and signs with it from now on. The former keys stay listed only with `keepFormer`, which is the default. */
  rotate({ keepFormer = true }: { keepFormer?: boolean } = {}): SigningKey {
    const key = makeSigningKey();
    this.#keys = [key, ...(keepFormer ? this.#keys : [])];
    return key;
  }

  /** Returns the JSON Web Key Set as Entra ID publishes it. */
  get document(): object {
    return {
      keys: this.#keys.map(({ kid, publicKey }) => ({
        ...publicKey.export({ format: 'jwk' }),
        use: 'sig',
        kid,
        x5t: kid,
      })),
    };
  }

  /** Returns the claims of a token that one of the listed keys signed with RS256, or undefined. Judges no claim. */
  read(token: string): Record<string, unknown> | undefined {
    const [header, claims, signature, ...rest] = token.split('.');
    if (!header || !claims || !signature || rest.length > 0) return undefined;
    const { alg, kid } = decodeSegment(header);
    const key = this.#keys.find((one) => one.kid === kid);
    if (alg !== 'RS256' || key === undefined) return undefined;
    const content = Buffer.from(`${header}.${claims}`);
    const isSigned = verify('RSA-SHA256', content, key.publicKey, Buffer.from(signature, 'base64url'));
    return isSigned ? decodeSegment(claims) : undefined;
  }
}

/** Creates an RSA key of 2048 bits whose id is a hash of its public half. */
export function makeSigningKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return { kid: createHash('sha256').update(der).digest('base64url').slice(0, 27), privateKey, publicKey };
}

/** Returns the compact form of a token signed with RS256 by `key`; `header` replaces or adds header parameters. */
export function signToken(
  key: SigningKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): string {
  const content = `${encodeSegment({ typ: 'JWT', alg: 'RS256', kid: key.kid, ...header })}.${encodeSegment(claims)}`;
  return `${content}.${sign('RSA-SHA256', Buffer.from(content), key.privateKey).toString('base64url')}`;
}

/** Returns one segment of a token: base64url of the JSON of `value`. */
export function encodeSegment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodeSegment(segment: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
