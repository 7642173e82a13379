import { randomUUID } from 'node:crypto';

/** What a token says of itself. */
export interface Ticket {
  readonly user: number;
  /** The one pool that takes it. */
  readonly pool: number;
  /** Its time is not over and it was not revoked. */
  readonly living: boolean;
}

/**
 * Issues and reads tokens. A token tells all about itself, so that a hundred thousand of them cost no memory;
 * revoking raises a number that it must match.
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

  issue(user: number, pool: number): string {
    const expiresAt = this.#now() + this.#lifetimeMs;
    this.#issued += 1;
    const facts = [
      this.#realm,
      user,
      pool,
      expiresAt,
      this.#generation,
      this.#generationOf(user),
      this.#issued,
    ];
    return `cwt=${Buffer.from(facts.join('|')).toString('base64url')}`;
  }

  /** Reads a token; nothing for one that was not issued here. */
  read(token: string): Ticket | undefined {
    if (!token.startsWith('cwt=')) return undefined;
    const [realm, ...facts] = Buffer.from(token.slice(4), 'base64url').toString().split('|');
    const [user = -1, pool = -1, expiresAt = 0, generation, userGeneration] = facts.map(Number);
    if (realm !== this.#realm) return undefined;
    const revoked = generation !== this.#generation || userGeneration !== this.#generationOf(user);
    return { user, pool, living: !revoked && this.#now() < expiresAt };
  }

  /** Revokes the tokens of one person, or all. */
  expire(user?: number): void {
    if (user === undefined) this.#generation += 1;
    else this.#generations.set(user, this.#generationOf(user) + 1);
  }

  #generationOf(user: number): number {
    return this.#generations.get(user) ?? 0;
  }
}
