import { randomBytes } from 'node:crypto';

/** What a code or a refresh token stands for. */
export type Issued = {
  readonly userPrincipalName: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** The PKCE challenge, S256. */
  readonly challenge: string;
  readonly nonce: string | undefined;
};

/** Authorization codes and refresh tokens. Each is good for one use. */
export class Codes {
  readonly #issued = new Map<string, Issued>();

  add(issued: Issued): string {
    const code = randomBytes(24).toString('base64url');
    this.#issued.set(code, issued);
    return code;
  }

  take(code: string): Issued | undefined {
    const issued = this.#issued.get(code);
    this.#issued.delete(code);
    return issued;
  }
}
