import { LRUCache } from 'lru-cache';
import type { Clock } from '../../runtime/clock.ts';
import type { SipUri } from '../uri.ts';

const fiveMinutesMs = 5 * 60_000;
const oneHourMs = 60 * 60_000;
const maxEntries = 1_000;

/** A token and the hosts that it is kept for: the one that challenged, and the one that issued it. */
interface CachedToken {
  readonly value: string;
  readonly challenger: string;
  readonly issuer: string;
}

/**
 * The route and token cache of one instance, bounded in number and time: the `user` URL of a domain, the token URL of a
 * host, the applications URL and the tokens of a user, the pools that take a target only in the query, the hosts that take
 * only tokens issued for themselves, and the discovery roots that are slow or never answer.
 */
export class RouteCache {
  readonly #clock: Clock;
  readonly #userUrls: LRUCache<string, URL>;
  readonly #tokenUrls: LRUCache<string, URL>;
  readonly #tokens: LRUCache<string, CachedToken>;
  readonly #applicationsUrls: LRUCache<SipUri, URL>;
  readonly #queryOnlyPools: LRUCache<string, true>;
  readonly #loanRefusers: LRUCache<string, true>;
  readonly #slowRoots: LRUCache<string, true>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#userUrls = this.#create(oneHourMs);
    this.#tokenUrls = this.#create(oneHourMs);
    this.#tokens = this.#create(fiveMinutesMs);
    this.#applicationsUrls = this.#create(fiveMinutesMs);
    this.#queryOnlyPools = this.#create(oneHourMs);
    this.#loanRefusers = this.#create(oneHourMs);
    this.#slowRoots = this.#create(fiveMinutesMs);
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
    return this.#tokens.get(tokenKey(user, origin))?.value;
  }

  /**
   * Keeps a token for five minutes, or until one minute before it expires if that is sooner. It is kept for the host that
   * challenged, and on loan for the host that issued it, unless that has a token of its own or refuses loans.
   */
  rememberToken(
    user: SipUri,
    challenger: string,
    value: string,
    expiresInSeconds: number,
    issuer = challenger,
  ): void {
    const ttl = Math.min(fiveMinutesMs, (expiresInSeconds - 60) * 1000);
    if (ttl <= 0) return;
    const token = { value, challenger, issuer };
    this.#tokens.set(tokenKey(user, challenger), token, { ttl });
    const hasOwn = this.#tokens.get(tokenKey(user, issuer))?.challenger === issuer;
    if (!hasOwn && !this.#loanRefusers.has(issuer)) this.#tokens.set(tokenKey(user, issuer), token, { ttl });
  }

  /** The host that issued a user's token for one host. */
  issuer(user: SipUri, origin: string): string | undefined {
    return this.#tokens.get(tokenKey(user, origin))?.issuer;
  }

  /** True if a user's token for one host is a token that this host issued for another one. */
  isOnLoan(user: SipUri, origin: string): boolean {
    const token = this.#tokens.get(tokenKey(user, origin));
    return token !== undefined && token.challenger !== origin;
  }

  /** Forgets the token that one host has on loan, and keeps no further loan for this host. */
  refuseLoans(user: SipUri, origin: string): void {
    this.#loanRefusers.set(origin, true);
    this.#tokens.delete(tokenKey(user, origin));
  }

  /** Forgets a user's token for one host, at the other host too if it is kept for two. */
  forgetToken(user: SipUri, origin: string): void {
    const token = this.#tokens.get(tokenKey(user, origin));
    if (token === undefined) return;
    for (const other of [token.challenger, token.issuer]) {
      const key = tokenKey(user, other);
      if (this.#tokens.get(key)?.value === token.value) this.#tokens.delete(key);
    }
  }

  /** Where a user's applications are created, on the user's home pool. */
  applicationsUrl(user: SipUri): URL | undefined {
    return this.#applicationsUrls.get(user);
  }

  rememberApplicationsUrl(user: SipUri, url: URL): void {
    this.#applicationsUrls.set(user, url);
  }

  /** Forgets the route to a user's pool, and the user's tokens for all hosts, so that the next sign-in starts from discovery. */
  forgetRoute(user: SipUri, domain: string): void {
    const urls = [this.#userUrls.get(domain), this.#applicationsUrls.get(user)];
    for (const url of urls) if (url !== undefined) this.#tokenUrls.delete(url.origin);
    const ownKeys = [...this.#tokens.keys()].filter((key) => key.startsWith(tokenKey(user, '')));
    for (const key of ownKeys) this.#tokens.delete(key);
    this.#userUrls.delete(domain);
    this.#applicationsUrls.delete(user);
  }

  takesTargetInQueryOnly(origin: string): boolean {
    return this.#queryOnlyPools.has(origin);
  }

  rememberTargetInQueryOnly(origin: string): void {
    this.#queryOnlyPools.set(origin, true);
  }

  /** True for a discovery root that was slow, or did not answer, in the last five minutes. */
  isSlowRoot(root: URL): boolean {
    return this.#slowRoots.has(root.href);
  }

  rememberSlowRoot(root: URL): void {
    this.#slowRoots.set(root.href, true);
  }

  forgetSlowRoot(root: URL): void {
    this.#slowRoots.delete(root.href);
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
