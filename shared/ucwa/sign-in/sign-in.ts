import { LinkMissingError, RedirectLoopError, UcwaError, UserUnknownError } from '../errors.ts';
import type { Step } from '../steps.ts';
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
import { getFollowing, locationOf, maxRedirects, type RequestContext } from './get.ts';
import { isOnlineHost } from './online-host.ts';
import type { RouteCache } from './route-cache.ts';
import { isTicketOfAnotherPool, type SignedInResponse, type SignInContext, Tokens } from './tokens.ts';

/**
 * The statuses with which a host on the way to the applications refuses a token. {@link SignIn} forgets the token for that
 * host itself: a session that drops its token forgets only the one for the host of the applications.
 */
const tokenRefusals: ReadonlySet<number> = new Set([401, 403, 500]);

/** Finds the route from a user's domain to the applications on the user's home pool, and signs in on it. */
export class SignIn {
  readonly #send: Send;
  readonly #cache: RouteCache;
  readonly #tokens: Tokens;
  readonly #discoveryUrls: (domain: string) => readonly URL[];

  constructor(send: Send, cache: RouteCache, discoveryUrls: (domain: string) => readonly URL[]) {
    this.#send = send;
    this.#cache = cache;
    this.#tokens = new Tokens(send, cache);
    this.#discoveryUrls = discoveryUrls;
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

  /** Requests the `user` URL of a domain from its discovery roots, past the cache. */
  discover(domain: string, exchange: Exchange): Promise<URL> {
    return this.#tryRoots({ exchange, freshConnection: false }, this.#discoveryUrls(domain));
  }

  async #userUrl(context: SignInContext): Promise<URL> {
    const domain = domainOf(context.user);
    const cached = this.#cache.userUrl(domain);
    if (cached !== undefined) return cached;
    const url = await this.#tryRoots(context, this.#discoveryUrls(domain));
    this.#cache.rememberUserUrl(domain, url);
    return url;
  }

  /** Tries the discovery roots one after the other. If all fail, throws the failure of the last. */
  async #tryRoots(context: RequestContext, [root, ...others]: readonly URL[]): Promise<URL> {
    if (root === undefined) throw new Error('No discovery URL is configured for this domain.');
    try {
      return await this.#followToUser(context, root, 'discovery');
    } catch (error) {
      if (others.length === 0 || !(error instanceof UcwaError)) throw error;
      return this.#tryRoots(context, others);
    }
  }

  /** Follows `redirect` links until a resource has a `user` link. https://learn.microsoft.com/skype-sdk/ucwa/redirect_ref */
  async #followToUser(context: RequestContext, start: URL, step: Step): Promise<URL> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await getFollowing(this.#send, context, url, step);
      const resource = parseResource(requireSuccess(response));
      const userUrl = resource.link(rel.user);
      const next = userUrl ?? resource.promisedLink(rel.redirect);
      if (step === 'home-pool') requireOnPremises(url, next);
      if (userUrl !== undefined) return userUrl;
      url = next;
    }
    throw new RedirectLoopError(step, url.host);
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
      url = await this.#followToUser(context, next, 'home-pool');
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
    const location = locationOf(response);
    if (location !== undefined) requireOnPremises(url, location);
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
    const there = new URL(url.pathname + url.search, issuer);
    const { response } = await this.#tokens.send(context, { step: 'home-pool', method: 'GET', url: there });
    if (response.status !== 200) return undefined;
    this.#cache.rememberUserUrl(domainOf(context.user), there);
    return response;
  }
}

/** Throws {@link UserUnknownError} if the way to a user's home pool leads to Microsoft 365. Nothing is sent there. */
function requireOnPremises(url: URL, next: URL): void {
  if (isOnlineHost(next)) throw new UserUnknownError('home-pool', url.host, 'homed-online');
}
