import { LinkMissingError, RedirectLoopError, UserUnknownError } from '../errors.ts';
import { resolveHref } from '../transport/href.ts';
import { parseResource, type Resource } from '../transport/resource.ts';
import {
  type Exchange,
  requireSuccess,
  type Send,
  type UcwaRequest,
  type UcwaResponse,
} from '../transport/transport.ts';
import { domainOf } from '../uri.ts';
import { rel } from '../vocabulary.ts';
import { Discovery, type DiscoveryDeps, requireOnPremises } from './discovery.ts';
import type { RootFailure } from './discovery-error.ts';
import { maxRedirects } from './get.ts';
import type { RouteCache } from './route-cache.ts';
import {
  isTicketOfAnotherPool,
  requestTokenUrl,
  type SignedInResponse,
  type SignInContext,
  Tokens,
} from './tokens.ts';

/**
 * The statuses with which a host on the way to the applications refuses a token. {@link SignIn} forgets the token for that
 * host itself: a session that drops its token forgets only the one for the host of the applications.
 */
const tokenRefusals: ReadonlySet<number> = new Set([401, 403, 500]);

/** The way that a probe found: where discovery worked, the hosts that it led to, and the roots that failed before. */
export interface ProbedRoute {
  readonly root: URL;
  readonly userHost: string;
  readonly tokenHost: string;
  readonly failures: readonly RootFailure[];
}

/** Finds the route from a user's domain to the applications on the user's home pool, and signs in on it. */
export class SignIn {
  readonly #send: Send;
  readonly #cache: RouteCache;
  readonly #tokens: Tokens;
  readonly #discovery: Discovery;
  readonly #requireTrusted: DiscoveryDeps['requireTrusted'];

  constructor(deps: DiscoveryDeps) {
    const { send, cache } = deps;
    this.#send = send;
    this.#cache = cache;
    this.#tokens = new Tokens(send, cache);
    this.#discovery = new Discovery(deps);
    this.#requireTrusted = deps.requireTrusted;
  }

  /** Returns where this user's applications are created, on the user's home pool. */
  async applicationsUrl(context: SignInContext): Promise<URL> {
    const { user } = context;
    const cached = this.#cache.applicationsUrl(user);
    if (cached !== undefined) return cached;
    const url = await this.#findApplications(context, await this.#userUrl(context));
    this.#cache.rememberApplicationsUrl(user, url);
    return url;
  }

  /** Sends a request as the user, with a token for its host. */
  send(context: SignInContext, request: Omit<UcwaRequest, 'token'>): Promise<SignedInResponse> {
    return this.#tokens.send(context, request);
  }

  /**
   * Finds the way of a domain's users up to the token service, past the cache, and sends no password. Throws as a session
   * does in its first two steps, and UntrustedHostError if the token service is on a host that is not trusted.
   */
  async probe(domain: string, exchange: Exchange): Promise<ProbedRoute> {
    const context = { exchange, freshConnection: false };
    const { root, userUrl, failures } = await this.#discovery.find(context, domain, { hurried: true });
    const tokenUrl = await requestTokenUrl(this.#send, context, userUrl);
    this.#requireTrusted('token', tokenUrl);
    return { root, userHost: userUrl.host, tokenHost: tokenUrl.host, failures };
  }

  async #userUrl(context: SignInContext): Promise<URL> {
    const domain = domainOf(context.user);
    const cached = this.#cache.userUrl(domain);
    if (cached !== undefined) return cached;
    const { userUrl } = await this.#discovery.find(context, domain);
    this.#cache.rememberUserUrl(domain, userUrl);
    return userUrl;
  }

  /** Reads `user`, and again on each pool that its `redirect` link leads to, until one links the applications. */
  async #findApplications(context: SignInContext, start: URL): Promise<URL> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const user = await this.#readUser(context, url);
      const applications = user.link(rel.applications);
      const next = applications ?? user.link(rel.redirect);
      if (next === undefined) throw new LinkMissingError('home-pool', url.host, rel.applications);
      requireOnPremises(url, next);
      if (applications !== undefined) return applications;
      url = await this.#discovery.followToUser(context, next, 'home-pool');
    }
    throw new RedirectLoopError('home-pool', url.host);
  }

  /** Reads `user` from one host. An HTTP redirect (3xx) is not followed: it would carry the token to another host. */
  async #readUser(context: SignInContext, url: URL): Promise<Resource> {
    const asked = await this.#tokens.send(context, { step: 'home-pool', method: 'GET', url });
    const response = (await this.#askIssuer(context, url, asked.response)) ?? asked.response;
    if (tokenRefusals.has(response.status)) this.#cache.forgetToken(context.user, url.origin);
    if (response.status === 404 && response.text.trim() === '') {
      throw new UserUnknownError('home-pool', url.host);
    }
    return parseResource(requireSuccess(response));
  }

  /**
   * Asks the host that issued a token for `user`, if the host that challenged takes it for the token of another pool: where
   * the token service lies elsewhere, its token may be good there alone. Returns undefined if that does not help.
   */
  async #askIssuer(
    context: SignInContext,
    url: URL,
    refusal: UcwaResponse,
  ): Promise<UcwaResponse | undefined> {
    const issuer = this.#cache.issuer(context.user, url.origin);
    if (!isTicketOfAnotherPool(refusal) || issuer === undefined || issuer === url.origin) return undefined;
    const there = resolveHref(url.pathname + url.search, new URL(issuer));
    if (there === undefined) return undefined;
    const { response } = await this.#tokens.send(context, { step: 'home-pool', method: 'GET', url: there });
    if (response.status !== 200) return undefined;
    this.#cache.rememberUserUrl(domainOf(context.user), there);
    return response;
  }
}
