import { LinkMissingError, RedirectLoopError, SignInUnsupportedError, UcwaError } from '../errors.ts';
import { resolveHref } from '../transport/href.ts';
import { parseResource, type Resource } from '../transport/resource.ts';
import {
  type Exchange,
  requireSuccess,
  responseError,
  type Send,
  type UcwaAnswer,
} from '../transport/transport.ts';
import { domainOf, type SipUri } from '../uri.ts';
import { rel, type Step } from '../vocabulary.ts';
import { readTokenUrl } from './challenge.ts';
import type { RouteCache } from './route-cache.ts';
import { type PasswordCredential, readToken, tokenRequest } from './token.ts';

/** Further than this no server leads, by link or by HTTP. */
const redirectLimit = 5;

/** How a host refuses a token. It is forgotten there and then: until the applications are found, nobody else knows its host. */
const tokenRefusals: ReadonlySet<number> = new Set([401, 403, 500]);

interface RequestContext {
  readonly exchange: Exchange;
  readonly freshConnection: boolean;
}

export interface SignInContext extends RequestContext {
  readonly user: SipUri;
  /** Asked only when a token has to be had. */
  readonly credential: () => Promise<PasswordCredential>;
}

/** The way from a user's domain to the applications of the user's own pool, with what was learnt on it remembered. */
export class SignIn {
  readonly #send: Send;
  readonly #memory: RouteCache;
  readonly #discoveryUrls: (domain: string) => readonly URL[];

  constructor(send: Send, memory: RouteCache, discoveryUrls: (domain: string) => readonly URL[]) {
    this.#send = send;
    this.#memory = memory;
    this.#discoveryUrls = discoveryUrls;
  }

  /** Where this user's applications are made, on the user's home pool. */
  async applicationsUrl(context: SignInContext): Promise<URL> {
    const { user } = context;
    const known = this.#memory.applicationsUrl(user);
    if (known !== undefined) return known;
    const url = await this.#findApplications(context, await this.#userUrl(context));
    this.#memory.rememberApplicationsUrl(user, url);
    return url;
  }

  /** A token of the host that `url` is on: remembered, or had for the user's password. */
  async token(context: SignInContext, url: URL): Promise<string> {
    const { user, exchange } = context;
    const known = this.#memory.token(user, url.origin);
    if (known !== undefined) return known;
    const tokenUrl = await this.#tokenUrl(context, url);
    const credential = await context.credential();
    const request = { ...tokenRequest(tokenUrl, credential), freshConnection: context.freshConnection };
    const token = readToken(await this.#send(request, exchange));
    this.#memory.rememberToken(user, url.origin, token.value, token.expiresInSeconds);
    return token.value;
  }

  /** Asks a domain's roots, past what is remembered, where its users are. */
  discover(domain: string, exchange: Exchange): Promise<URL> {
    return this.#askRoots({ exchange, freshConnection: false }, this.#discoveryUrls(domain));
  }

  async #userUrl(context: SignInContext): Promise<URL> {
    const domain = domainOf(context.user);
    const known = this.#memory.userUrl(domain);
    if (known !== undefined) return known;
    const url = await this.#askRoots(context, this.#discoveryUrls(domain));
    this.#memory.rememberUserUrl(domain, url);
    return url;
  }

  /** Asks each root in turn; the failure that counts is the last one. */
  async #askRoots(context: RequestContext, [root, ...others]: readonly URL[]): Promise<URL> {
    if (root === undefined) throw new Error('There is no discovery URL for this domain.');
    try {
      return await this.#followToUser(context, root, 'discovery');
    } catch (error) {
      if (others.length === 0 || !(error instanceof UcwaError)) throw error;
      return this.#askRoots(context, others);
    }
  }

  /** GETs a root or redirect resource until one has a `user` link. https://learn.microsoft.com/skype-sdk/ucwa/redirect_ref */
  async #followToUser(context: RequestContext, start: URL, step: Step): Promise<URL> {
    let url = start;
    for (let hop = 0; hop <= redirectLimit; hop++) {
      const resource = parseResource(requireSuccess(await this.#get(context, url, step)));
      const userUrl = resource.link(rel.user);
      if (userUrl !== undefined) return userUrl;
      url = resource.promisedLink(rel.redirect);
    }
    throw new RedirectLoopError(step, url.host);
  }

  /** GETs the `user` resource, on each pool that it redirects to, until one names the applications. */
  async #findApplications(context: SignInContext, start: URL): Promise<URL> {
    let url = start;
    for (let hop = 0; hop <= redirectLimit; hop++) {
      const user = await this.#getUser(context, url);
      const applications = user.link(rel.applications);
      if (applications !== undefined) return applications;
      const redirect = user.link(rel.redirect);
      if (redirect === undefined) throw new LinkMissingError('home-pool', url.host, rel.applications);
      url = await this.#followToUser(context, redirect, 'home-pool');
    }
    throw new RedirectLoopError('home-pool', url.host);
  }

  async #getUser(context: SignInContext, url: URL): Promise<Resource> {
    const token = await this.token(context, url);
    const answer = await this.#get(context, url, 'home-pool', token);
    if (tokenRefusals.has(answer.status)) this.#memory.forgetToken(context.user, url.origin);
    return parseResource(requireSuccess(answer));
  }

  async #tokenUrl(context: SignInContext, url: URL): Promise<URL> {
    const known = this.#memory.tokenUrl(url.origin);
    if (known !== undefined) return known;
    const answer = await this.#get(context, url, 'challenge');
    if (answer.status !== 401) {
      if (answer.status >= 300) throw responseError(answer);
      throw new SignInUnsupportedError(url.host, 'it answers without a token, so it asks for none');
    }
    const tokenUrl = readTokenUrl(answer);
    this.#memory.rememberTokenUrl(url.origin, tokenUrl);
    return tokenUrl;
  }

  /** HTTP redirects are followed while nothing secret goes along; each hop must be trusted like the first. */
  async #get(context: RequestContext, start: URL, step: Step, token?: string): Promise<UcwaAnswer> {
    const { exchange, freshConnection } = context;
    let url = start;
    for (let hop = 0; hop <= redirectLimit; hop++) {
      const credentials = token === undefined ? {} : { token };
      const answer = await this.#send(
        { step, method: 'GET', url, freshConnection, ...credentials },
        exchange,
      );
      const location = token === undefined ? locationOf(answer) : undefined;
      if (location === undefined) return answer;
      url = location;
    }
    throw new RedirectLoopError(step, url.host);
  }
}

function locationOf(answer: UcwaAnswer): URL | undefined {
  const location = answer.headers.get('location');
  return location === null || ![301, 302, 303, 307, 308].includes(answer.status)
    ? undefined
    : resolveHref(location, answer.url);
}
