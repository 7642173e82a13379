import { randomUUID } from 'node:crypto';

/** The content of a token. */
export interface Ticket {
  /** Index of the user. */
  readonly user: number;
  /** Indexes of the pools that accept the token. */
  readonly pools: readonly number[];
  /** False once the token has expired or was revoked. */
  readonly isValid: boolean;
  /** Present for a token of Entra without the permission for call forwarding. */
  readonly lacksScope?: true;
}

/**
 * Issues and reads tokens. A token carries its whole content, so that a hundred thousand of them cost no memory. Revoking
 * increments a generation that the token must match.
 */
export class Tokens {
  readonly #realm = randomUUID();
  readonly #now: () => number;
  readonly #lifetimeMs: number;
  readonly #generations = new Map<number, number>();
  #generation = 0;
  #issued = 0;

  constructor(now: () => number, lifetimeMs: number) {
    this.#now = now;
    this.#lifetimeMs = lifetimeMs;
  }

  issue(user: number, pools: readonly number[]): string {
    const expiresAt = this.#now() + this.#lifetimeMs;
    this.#issued += 1;
    const content = [
      this.#realm,
      user,
      expiresAt,
      this.#generation,
      this.#generationOf(user),
      this.#issued,
      ...pools,
    ];
    return `cwt=${Buffer.from(content.join('|')).toString('base64url')}`;
  }

  /** Reads a token; undefined when this instance did not issue it. */
  read(token: string): Ticket | undefined {
    if (!token.startsWith('cwt=')) return undefined;
    const [realm, ...numbers] = Buffer.from(token.slice(4), 'base64url').toString().split('|');
    const [user = -1, expiresAt = 0, generation, userGeneration, _issued, ...pools] = numbers.map(Number);
    if (realm !== this.#realm) return undefined;
    const revoked = generation !== this.#generation || userGeneration !== this.#generationOf(user);
    return { user, pools, isValid: !revoked && this.#now() < expiresAt };
  }

  /** Revokes the tokens of one user, or of all. */
  expire(user?: number): void {
    if (user === undefined) this.#generation += 1;
    else this.#generations.set(user, this.#generationOf(user) + 1);
  }

  #generationOf(user: number): number {
    return this.#generations.get(user) ?? 0;
  }
}
