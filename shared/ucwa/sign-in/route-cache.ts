import { LRUCache } from 'lru-cache';
import type { Clock } from '../../runtime/clock.ts';
import type { SipUri } from '../uri.ts';

const fiveMinutesMs = 5 * 60_000;
const oneHourMs = 60 * 60_000;

/**
 * What one instance remembers, bounded in number and time: where a domain's user resource is, where a host takes
 * passwords, the tokens and applications URL of a user, and which pools take a target in the query alone.
 */
export class RouteCache {
  readonly #clock: Clock;
  readonly #userUrls: LRUCache<string, URL>;
  readonly #tokenUrls: LRUCache<string, URL>;
  readonly #tokens: LRUCache<string, string>;
  readonly #applicationsUrls: LRUCache<SipUri, URL>;
  readonly #queryOnly: LRUCache<string, true>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#userUrls = this.#cache(1_000, oneHourMs);
    this.#tokenUrls = this.#cache(1_000, oneHourMs);
    this.#tokens = this.#cache(1_000, fiveMinutesMs);
    this.#applicationsUrls = this.#cache(1_000, fiveMinutesMs);
    this.#queryOnly = this.#cache(1_000, oneHourMs);
  }

  userUrl(domain: string): URL | undefined {
    return this.#userUrls.get(domain);
  }

  rememberUserUrl(domain: string, url: URL): void {
    this.#userUrls.set(domain, url);
  }

  tokenUrl(origin: string): URL | undefined {
    return this.#tokenUrls.get(origin);
  }

  rememberTokenUrl(origin: string, url: URL): void {
    this.#tokenUrls.set(origin, url);
  }

  token(user: SipUri, origin: string): string | undefined {
    return this.#tokens.get(`${user} ${origin}`);
  }

  /** Keeps a token for five minutes, or until a minute before it ends where that comes first. */
  rememberToken(user: SipUri, origin: string, token: string, expiresInSeconds: number): void {
    const ttl = Math.min(fiveMinutesMs, (expiresInSeconds - 60) * 1000);
    if (ttl > 0) this.#tokens.set(`${user} ${origin}`, token, { ttl });
  }

  forgetToken(user: SipUri, origin: string): void {
    this.#tokens.delete(`${user} ${origin}`);
  }

  applicationsUrl(user: SipUri): URL | undefined {
    return this.#applicationsUrls.get(user);
  }

  rememberApplicationsUrl(user: SipUri, url: URL): void {
    this.#applicationsUrls.set(user, url);
  }

  /** Forgets where this user is served, so that the next sign-in starts from discovery. */
  forgetRoute(user: SipUri, domain: string): void {
    const known = [this.#userUrls.get(domain), this.#applicationsUrls.get(user)];
    for (const url of known) {
      if (url === undefined) continue;
      this.#tokenUrls.delete(url.origin);
      this.forgetToken(user, url.origin);
    }
    this.#userUrls.delete(domain);
    this.#applicationsUrls.delete(user);
  }

  takesTargetInQueryOnly(origin: string): boolean {
    return this.#queryOnly.has(origin);
  }

  rememberTargetInQueryOnly(origin: string): void {
    this.#queryOnly.set(origin, true);
  }

  #cache<K extends {}, V extends {}>(max: number, ttl: number): LRUCache<K, V> {
    return new LRUCache<K, V>({ max, ttl, ttlResolution: 0, perf: { now: () => this.#clock.nowMs() } });
  }
}
