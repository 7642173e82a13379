import { LRUCache } from 'lru-cache';
import type { Clock } from '../../runtime/clock.ts';
import type { SipUri } from '../uri.ts';

const fiveMinutesMs = 5 * 60_000;
const oneHourMs = 60 * 60_000;
const maxEntries = 1_000;

/**
 * The route and token cache of one instance, bounded in number and time: the `user` URL of a domain, the token URL of a
 * host, the applications URL and the tokens of a user, and the pools that take a target only in the query.
 */
export class RouteCache {
  readonly #clock: Clock;
  readonly #userUrls: LRUCache<string, URL>;
  readonly #tokenUrls: LRUCache<string, URL>;
  readonly #tokens: LRUCache<string, string>;
  readonly #applicationsUrls: LRUCache<SipUri, URL>;
  readonly #queryOnlyPools: LRUCache<string, true>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#userUrls = this.#create(oneHourMs);
    this.#tokenUrls = this.#create(oneHourMs);
    this.#tokens = this.#create(fiveMinutesMs);
    this.#applicationsUrls = this.#create(fiveMinutesMs);
    this.#queryOnlyPools = this.#create(oneHourMs);
  }

  /** The `user` resource of a domain. */
  userUrl(domain: string): URL | undefined {
    return this.#userUrls.get(domain);
  }

  rememberUserUrl(domain: string, url: URL): void {
    this.#userUrls.set(domain, url);
  }

  /** Where the tokens of a host are requested. */
  tokenUrl(origin: string): URL | undefined {
    return this.#tokenUrls.get(origin);
  }

  rememberTokenUrl(origin: string, url: URL): void {
    this.#tokenUrls.set(origin, url);
  }

  /** A user's token for one host. */
  token(user: SipUri, origin: string): string | undefined {
    return this.#tokens.get(tokenKey(user, origin));
  }

  /** Keeps a token for five minutes, or until one minute before it expires if that is sooner. */
  rememberToken(user: SipUri, origin: string, token: string, expiresInSeconds: number): void {
    const ttl = Math.min(fiveMinutesMs, (expiresInSeconds - 60) * 1000);
    if (ttl > 0) this.#tokens.set(tokenKey(user, origin), token, { ttl });
  }

  forgetToken(user: SipUri, origin: string): void {
    this.#tokens.delete(tokenKey(user, origin));
  }

  /** Where a user's applications are created, on the user's home pool. */
  applicationsUrl(user: SipUri): URL | undefined {
    return this.#applicationsUrls.get(user);
  }

  rememberApplicationsUrl(user: SipUri, url: URL): void {
    this.#applicationsUrls.set(user, url);
  }

  /** Forgets the route to a user's pool, with the tokens for its hosts, so that the next sign-in starts from discovery. */
  forgetRoute(user: SipUri, domain: string): void {
    const urls = [this.#userUrls.get(domain), this.#applicationsUrls.get(user)];
    for (const url of urls) {
      if (url === undefined) continue;
      this.#tokenUrls.delete(url.origin);
      this.forgetToken(user, url.origin);
    }
    this.#userUrls.delete(domain);
    this.#applicationsUrls.delete(user);
  }

  takesTargetInQueryOnly(origin: string): boolean {
    return this.#queryOnlyPools.has(origin);
  }

  rememberTargetInQueryOnly(origin: string): void {
    this.#queryOnlyPools.set(origin, true);
  }

  #create<K extends {}, V extends {}>(ttl: number): LRUCache<K, V> {
    return new LRUCache<K, V>({
      max: maxEntries,
      ttl,
      ttlResolution: 0,
      perf: { now: () => this.#clock.nowMs() },
    });
  }
}

function tokenKey(user: SipUri, origin: string): string {
  return `${user} ${origin}`;
}
