import { SignInUnjudgedError, SignInUnsupportedError, UcwaError } from '../errors.ts';
import { shownHost } from '../shown-host.ts';
import {
  requireSuccess,
  responseError,
  type Send,
  type UcwaRequest,
  type UcwaResponse,
} from '../transport/transport.ts';
import type { SipUri } from '../uri.ts';
import { offersEntra, readTokenUrl } from './challenge.ts';
import { getFollowing, type RequestContext } from './get.ts';
import type { OnBehalfOf } from './on-behalf-of.ts';
import type { RouteCache } from './route-cache.ts';
import { type PasswordSource, readToken, type Token, tokenRequest } from './token.ts';

export interface SignInContext extends RequestContext {
  readonly user: SipUri;
  readonly passwords: PasswordSource;
  /** In place of the password, where a host takes tokens of Entra. */
  readonly onBehalfOf?: OnBehalfOf | undefined;
  /** Aborts a token request that has begun, in place of the signal of the exchange. */
  readonly tokenSignal: AbortSignal;
  /** The tokens that this session requested. */
  readonly requested: Set<string>;
}

/** A request that was sent with a token, and its response. */
export interface SignedInResponse {
  readonly token: string;
  readonly response: UcwaResponse;
}

/** Obtains the tokens of users, each for the hosts that it may be sent to, and sends requests with them. */
export class Tokens {
  readonly #send: Send;
  readonly #cache: RouteCache;

  constructor(send: Send, cache: RouteCache) {
    this.#send = send;
    this.#cache = cache;
  }

  /**
   * Sends a request with the user's token for its host: the cached one, or a new one in exchange for the password. A
   * token that the host issued for another host is tried first. A host that refuses it gets a token of its own, and from
   * then on nothing else.
   */
  async send(context: SignInContext, request: Omit<UcwaRequest, 'token'>): Promise<SignedInResponse> {
    const { user, requested } = context;
    const { origin } = request.url;
    const first = await this.#sendOnce(context, request);
    const isNewLoan = requested.has(first.token) && this.#cache.isOnLoan(user, origin);
    if (!isNewLoan || !refusesTicket(first.response)) return first;
    this.#cache.refuseLoans(user, origin);
    return await this.#sendOnce(context, request);
  }

  async #sendOnce(context: SignInContext, request: Omit<UcwaRequest, 'token'>): Promise<SignedInResponse> {
    const { exchange, freshConnection } = context;
    const token = await this.#token(context, request.url);
    return { token, response: await this.#send({ ...request, freshConnection, token }, exchange) };
  }

  async #token(context: SignInContext, url: URL): Promise<string> {
    const { user, requested } = context;
    const cached = this.#cache.token(user, url.origin);
    if (cached !== undefined) return cached;
    const delegated = await this.#delegated(context, url);
    if (delegated !== undefined) return delegated;
    const tokenUrl = await this.#tokenUrl(context, url);
    const { value, expiresInSeconds } = await this.#request(context, tokenUrl);
    requested.add(value);
    this.#cache.rememberToken(user, url.origin, value, expiresInSeconds, tokenUrl.origin);
    return value;
  }

  /** Returns a token of Entra where the caller's session has one and the host takes it; else the password serves. */
  async #delegated(context: SignInContext, url: URL): Promise<string | undefined> {
    const { user, onBehalfOf, requested, exchange } = context;
    if (onBehalfOf === undefined) return undefined;
    const challenge = await requestChallenge(this.#send, context, url);
    if (!offersEntra(challenge)) return undefined;
    const { value, expiresInSeconds } = await onBehalfOf.getToken(challenge.url.host, exchange.signal);
    requested.add(value);
    this.#cache.rememberToken(user, url.origin, value, expiresInSeconds, challenge.url.origin);
    return value;
  }

  /** Exchanges the password for a token, and tells the password's source what became of it. */
  async #request(context: SignInContext, url: URL): Promise<Token> {
    const { passwords, freshConnection } = context;
    const request = { ...tokenRequest(url, await passwords.read()), freshConnection };
    const answer = readToken(await this.#sendPassword(context, request));
    if (answer.ok || !(answer.error instanceof SignInUnjudgedError)) passwords.onVerdict();
    if (!answer.ok) throw answer.error;
    return answer.value;
  }

  async #sendPassword(context: SignInContext, request: UcwaRequest): Promise<UcwaResponse> {
    const { passwords, exchange, tokenSignal } = context;
    let hasLeft = false;
    const onLeave = () => {
      hasLeft = true;
      passwords.onSent(shownHost(request.url.host));
    };
    try {
      return await this.#send(request, { ...exchange, requestSignal: tokenSignal, onLeave });
    } catch (error) {
      throw hasLeft && error instanceof UcwaError ? new SignInUnjudgedError(request.url.host, error) : error;
    }
  }

  async #tokenUrl(context: SignInContext, url: URL): Promise<URL> {
    const cached = this.#cache.tokenUrl(url.origin);
    if (cached !== undefined) return cached;
    const tokenUrl = await requestTokenUrl(this.#send, context, url);
    this.#cache.rememberTokenUrl(url.origin, tokenUrl);
    return tokenUrl;
  }
}

/** Requests a resource without a token, and returns where the challenge sends the password. */
export async function requestTokenUrl(send: Send, context: RequestContext, url: URL): Promise<URL> {
  return readTokenUrl(await requestChallenge(send, context, url));
}

async function requestChallenge(send: Send, context: RequestContext, url: URL): Promise<UcwaResponse> {
  const response = await getFollowing(send, context, url, 'challenge');
  if (response.status === 401) return response;
  requireSuccess(response);
  throw new SignInUnsupportedError(url.host, 'it accepts requests without a token');
}

/** Tells whether a host refuses the token itself. */
function refusesTicket(response: UcwaResponse): boolean {
  const isRefusal = response.status === 401 || response.status === 403;
  return isTicketOfAnotherPool(response) || (isRefusal && responseError(response).refusesToken);
}

/** True for the page that IIS returns for the token of another pool, and for any other page with 500. */
export function isTicketOfAnotherPool(response: UcwaResponse): boolean {
  return response.status === 500 && !responseError(response).fromUcwa;
}
