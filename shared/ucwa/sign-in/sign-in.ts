import { LinkMissingError, RedirectLoopError, SignInUnsupportedError, UcwaError } from '../errors.ts';
import type { Step } from '../steps.ts';
import { resolveHref } from '../transport/href.ts';
import { parseResource, type Resource } from '../transport/resource.ts';
import {
  type Exchange,
  requireSuccess,
  responseError,
  type Send,
  type UcwaResponse,
} from '../transport/transport.ts';
import { domainOf, type SipUri } from '../uri.ts';
import { rel } from '../vocabulary.ts';
import { readTokenUrl } from './challenge.ts';
import type { RouteCache } from './route-cache.ts';
import { type PasswordCredential, readToken, tokenRequest } from './token.ts';

/** The most redirects in a row, by link or by HTTP; real servers need fewer. */
const maxRedirects = 5;

/**
 * How a host refuses a token on the way to the applications. The token is then forgotten at once: a session that drops
 * its token knows only the host of the applications.
 */
const tokenRefusals: ReadonlySet<number> = new Set([401, 403, 500]);

interface RequestContext {
  readonly exchange: Exchange;
  readonly freshConnection: boolean;
}

export interface SignInContext extends RequestContext {
  readonly user: SipUri;
  /** Called only when a token has to be requested. */
  readonly credential: () => Promise<PasswordCredential>;
}

/** Finds the route from a user's domain to the applications on the user's home pool, and signs in on it. */
export class SignIn {
  readonly #send: Send;
  readonly #cache: RouteCache;
  readonly #discoveryUrls: (domain: string) => readonly URL[];

  constructor(send: Send, cache: RouteCache, discoveryUrls: (domain: string) => readonly URL[]) {
    this.#send = send;
    this.#cache = cache;
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

  /** Returns a token for the host of `url`: the cached one, or a new one in exchange for the user's password. */
  async token(context: SignInContext, url: URL): Promise<string> {
    const { user, exchange } = context;
    const cached = this.#cache.token(user, url.origin);
    if (cached !== undefined) return cached;
    const tokenUrl = await this.#tokenUrl(context, url);
    const credential = await context.credential();
    const request = { ...tokenRequest(tokenUrl, credential), freshConnection: context.freshConnection };
    const token = readToken(await this.#send(request, exchange));
    this.#cache.rememberToken(user, url.origin, token.value, token.expiresInSeconds);
    return token.value;
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
      const resource = parseResource(requireSuccess(await this.#get(context, url, step)));
      const userUrl = resource.link(rel.user);
      if (userUrl !== undefined) return userUrl;
      url = resource.promisedLink(rel.redirect);
    }
    throw new RedirectLoopError(step, url.host);
  }

  /** Reads the `user` resource, on each pool that it redirects to, until one links the applications. */
  async #findApplications(context: SignInContext, start: URL): Promise<URL> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const user = await this.#readUser(context, url);
      const applications = user.link(rel.applications);
      if (applications !== undefined) return applications;
      const redirect = user.link(rel.redirect);
      if (redirect === undefined) throw new LinkMissingError('home-pool', url.host, rel.applications);
      url = await this.#followToUser(context, redirect, 'home-pool');
    }
    throw new RedirectLoopError('home-pool', url.host);
  }

  async #readUser(context: SignInContext, url: URL): Promise<Resource> {
    const token = await this.token(context, url);
    const response = await this.#get(context, url, 'home-pool', token);
    if (tokenRefusals.has(response.status)) this.#cache.forgetToken(context.user, url.origin);
    return parseResource(requireSuccess(response));
  }

  async #tokenUrl(context: SignInContext, url: URL): Promise<URL> {
    const cached = this.#cache.tokenUrl(url.origin);
    if (cached !== undefined) return cached;
    const response = await this.#get(context, url, 'challenge');
    if (response.status !== 401) {
      if (response.status >= 300) throw responseError(response);
      throw new SignInUnsupportedError(url.host, 'it accepts requests without a token');
    }
    const tokenUrl = readTokenUrl(response);
    this.#cache.rememberTokenUrl(url.origin, tokenUrl);
    return tokenUrl;
  }

  /**
   * Sends a GET and follows HTTP redirects, but only without a token: it is meant for the first host alone. Every
   * redirect must lead to a trusted host.
   */
  async #get(context: RequestContext, start: URL, step: Step, token?: string): Promise<UcwaResponse> {
    const { exchange, freshConnection } = context;
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const credentials = token === undefined ? {} : { token };
      const response = await this.#send(
        { step, method: 'GET', url, freshConnection, ...credentials },
        exchange,
      );
      const location = token === undefined ? locationOf(response) : undefined;
      if (location === undefined) return response;
      url = location;
    }
    throw new RedirectLoopError(step, url.host);
  }
}

function locationOf(response: UcwaResponse): URL | undefined {
  const location = response.headers.get('location');
  return location === null || ![301, 302, 303, 307, 308].includes(response.status)
    ? undefined
    : resolveHref(location, response.url);
}
