import type { Clock } from '../runtime/clock.ts';
import { applicationRequest, type EndpointIndex, requireMe } from './application.ts';
import { CallForwarding } from './call-forwarding.ts';
import { ConnectionError } from './errors.ts';
import { shownHost } from './shown-host.ts';
import type { OnBehalfOf } from './sign-in/on-behalf-of.ts';
import type { RouteCache } from './sign-in/route-cache.ts';
import type { SignIn } from './sign-in/sign-in.ts';
import type { PasswordSource } from './sign-in/token.ts';
import type { SignInContext } from './sign-in/tokens.ts';
import type { Step } from './steps.ts';
import { parseResource, type Resource } from './transport/resource.ts';
import { SentSecrets } from './transport/secrets.ts';
import {
  type Exchange,
  type Priority,
  requireSuccess,
  type Send,
  type UcwaRequest,
  type UcwaResponse,
} from './transport/transport.ts';
import { domainOf, type SipUri } from './uri.ts';
import { rel } from './vocabulary.ts';
import { WriteFate } from './write-fate.ts';

export interface SessionDeps {
  readonly send: Send;
  readonly signIn: SignIn;
  readonly cache: RouteCache;
  readonly userAgent: string;
  readonly clock: Clock;
}

export interface SessionOptions {
  readonly user: SipUri;
  readonly credential: PasswordSource;
  /** In place of the password, where a host takes tokens of Entra. What the session learns with it is then its own. */
  readonly onBehalfOf?: OnBehalfOf | undefined;
  readonly correlationId: string;
  /** Aborts every request of the session but the clean-up. */
  readonly signal: AbortSignal;
  /**
   * Aborts a token request that has begun, in place of `signal`: the verdict on a password must not be lost because a
   * caller's budget is used up. By default `signal` aborts it.
   */
  readonly tokenSignal?: AbortSignal;
  /** By default a batch: its requests wait at a busy pool until those of callers were sent. */
  readonly priority?: Priority;
  /** Called for each request just before it is sent. */
  readonly onRequest?: (step: Step) => void;
}

/** The request that a session is waiting for. */
export interface PendingRequest {
  readonly step: Step;
  readonly host: string;
  readonly sinceMs: number;
  /** False while it waits for its turn at the pool. */
  readonly isSent: boolean;
}

interface Application {
  readonly url: URL;
  readonly resource: Resource;
  readonly token: string;
}

/** Failures to delete an application that may pass by themselves, besides those of the server. */
const passingFailures: ReadonlySet<number> = new Set([408, 429]);

/**
 * One user's session on UCWA. The route to the pool, the token and the application are obtained at first use. After a
 * failure each can be dropped on its own and is then obtained anew. Close the session when the work is done.
 */
export class UcwaSession {
  /** Reads and writes the user's call forwarding settings. */
  readonly callForwarding: CallForwarding;
  /** What is known about the writes of this session. */
  readonly writeFate = new WriteFate();
  readonly #deps: SessionDeps;
  readonly #options: SessionOptions;
  readonly #exchange: Exchange;
  #application: Application | undefined;
  #endpoint: EndpointIndex = 0;
  #freshConnection = false;
  #isRouteCached: boolean | undefined;
  #requests = 0;
  #unreached = 0;
  #pending: PendingRequest | undefined;
  readonly #secrets = new SentSecrets();
  readonly #requestedTokens = new Set<string>();
  readonly #servingHosts = new Set<string>();

  constructor(deps: SessionDeps, options: SessionOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#exchange = this.#exchangeUnder(options.signal);
    const requests = {
      me: async () => requireMe((await this.#openApplication()).resource, options.user, this.#secrets),
      get: (step: Step, url: URL) => this.#ask({ step, method: 'GET', url }),
      post: (url: URL, json?: unknown) => this.#write({ method: 'POST', url, json }),
      put: (url: URL, json: unknown, ifMatch: string) => this.#write({ method: 'PUT', url, json, ifMatch }),
    };
    this.callForwarding = new CallForwarding(requests, deps.cache);
  }

  /** The number of requests sent so far, clean-up included. */
  get requests(): number {
    return this.#requests;
  }

  /** True if any request may have reached a server. */
  get hasReached(): boolean {
    return this.#requests > this.#unreached;
  }

  /** The request that has begun and got no response, for an attempt that runs out of time. */
  get pending(): PendingRequest | undefined {
    return this.#pending;
  }

  /** The hosts that responded otherwise than with a server error (5xx) or 429. */
  get servingHosts(): ReadonlySet<string> {
    return this.#servingHosts;
  }

  /** True if the route to this user's pool came from the cache, so it may be outdated. */
  get isRouteCached(): boolean {
    return this.#isRouteCached ?? false;
  }

  /**
   * Deletes the application, under a signal of its own, and tries once more where that may help: one left behind can push
   * out the user's own client for hours. Never throws: the result of the work does not depend on it.
   */
  async close(signal: AbortSignal): Promise<void> {
    const application = this.#application;
    this.#application = undefined;
    if (application === undefined) return;
    const { url, token } = application;
    const exchange = this.#exchangeUnder(signal);
    const request: UcwaRequest = { step: 'clean-up', method: 'DELETE', url, token };
    const isDone = await this.#tryToDelete(request, exchange);
    if (!isDone) await this.#tryToDelete({ ...request, freshConnection: true }, exchange);
  }

  /** Returns false if trying once more may help. What is left behind is taken over by the next attempt. */
  async #tryToDelete(request: UcwaRequest, exchange: Exchange): Promise<boolean> {
    try {
      const { status } = await this.#deps.send(this.#onConnection(request), exchange);
      return status < 500 && !passingFailures.has(status);
    } catch (error) {
      return !(error instanceof ConnectionError);
    }
  }

  /** Deletes the application and continues with a new one on the user's other endpoint. */
  async dropApplication(): Promise<void> {
    await this.close(this.#options.signal);
    this.#endpoint = this.#endpoint === 0 ? 1 : 0;
  }

  /** Deletes the application and continues with another token. */
  async dropToken(): Promise<void> {
    const { user, signal } = this.#options;
    const url = this.#application?.url ?? this.#deps.cache.applicationsUrl(user);
    await this.close(signal);
    if (url !== undefined) this.#deps.cache.forgetToken(user, url.origin);
  }

  /** Deletes the application and continues from discovery, with another token. */
  async dropRoute(): Promise<void> {
    await this.dropToken();
    this.#deps.cache.forgetRoute(this.#options.user, domainOf(this.#options.user));
    this.#isRouteCached = false;
  }

  /** Uses a new connection for each further request, so that a load balancer may choose another Front End. */
  dropConnection(): void {
    this.#freshConnection = true;
  }

  async #openApplication(): Promise<Application> {
    if (this.#application !== undefined) return this.#application;
    const { signIn, cache, userAgent } = this.#deps;
    const { user } = this.#options;
    const context = this.#signInContext();
    this.#isRouteCached ??= cache.applicationsUrl(user) !== undefined;
    const url = await signIn.applicationsUrl(context);
    const request = applicationRequest(url, user, this.#endpoint, userAgent);
    const { token, response } = await signIn.send(context, request);
    const resource = parseResource(requireSuccess(response));
    this.#application = { url: resource.promisedLink(rel.self), resource, token };
    return this.#application;
  }

  async #write(request: Omit<UcwaRequest, 'step'>): Promise<UcwaResponse> {
    this.#options.signal.throwIfAborted();
    return await this.writeFate.track(() => this.#ask({ step: 'write', ...request }));
  }

  async #ask(request: UcwaRequest): Promise<UcwaResponse> {
    const { token } = await this.#openApplication();
    return await this.#deps.send(this.#onConnection({ ...request, token }), this.#exchange);
  }

  #onConnection(request: UcwaRequest): UcwaRequest {
    return this.#freshConnection ? { ...request, freshConnection: true } : request;
  }

  #signInContext(): SignInContext {
    const { user, credential, onBehalfOf, signal, tokenSignal } = this.#options;
    return {
      user,
      passwords: credential,
      onBehalfOf,
      exchange: this.#exchange,
      tokenSignal: tokenSignal ?? signal,
      requested: this.#requestedTokens,
      freshConnection: this.#freshConnection,
    };
  }

  #exchangeUnder(signal: AbortSignal): Exchange {
    const { correlationId, priority = 'batch', onRequest } = this.#options;
    return {
      correlationId,
      priority,
      secrets: this.#secrets,
      signal,
      onBegin: (request) => this.#notePending(request, false, signal),
      onRequest: (request) => {
        const { step } = request;
        this.#notePending(request, true, signal);
        this.#requests += 1;
        if (step === 'write') this.writeFate.noteSent();
        onRequest?.(step);
      },
      onResponse: ({ status, url }) => {
        if (!signal.aborted) this.#pending = undefined;
        if (status < 500 && status !== 429) this.#servingHosts.add(url.host);
      },
      onUnreached: () => {
        this.#unreached += 1;
      },
    };
  }

  /** Once the time is over it stays as it was: a token request may be answered after that. */
  #notePending({ step, url }: UcwaRequest, isSent: boolean, signal: AbortSignal): void {
    if (signal.aborted) return;
    const sinceMs = this.#deps.clock.nowMs();
    this.#pending = { step, host: shownHost(url.host), sinceMs, isSent };
  }
}
