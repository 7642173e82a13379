import type { Clock } from '../runtime/clock.ts';
import { RequestTimeoutError, UcwaError } from './errors.ts';
import { type SessionOptions, UcwaSession } from './session.ts';
import { RouteCache } from './sign-in/route-cache.ts';
import { type ProbedRoute, SignIn } from './sign-in/sign-in.ts';
import type { Step } from './steps.ts';
import { guardPools } from './transport/breaker.ts';
import { limitPools, PoolLimits } from './transport/pool-limits.ts';
import { createTransport, type Exchange, requireTrusted } from './transport/transport.ts';
import type { TrustedHosts } from './transport/trust.ts';
import type { SipUri } from './uri.ts';

export interface UcwaClientOptions {
  /** Returns the URLs where discovery of a domain starts, in the order in which they are tried. */
  readonly discoveryUrls: (domain: string) => readonly URL[];
  readonly trustedHosts: TrustedHosts;
  readonly requestTimeoutMs: number;
  /** PEM certificates that are trusted in addition to the machine's own. */
  readonly caCertificates?: readonly string[];
  readonly clock: Clock;
  /** The most requests in progress at one origin; 1000 by default. */
  readonly requestsAtOnce?: number;
  /** Called when requests to a host are paused, and when they resume. */
  readonly onPoolChange?: (host: string, state: 'paused' | 'resumed') => void;
}

/** Opens sessions on UCWA. They share connections, and what is known about domains, pools and users. */
export interface UcwaClient {
  session(options: SessionOptions): UcwaSession;
  /** Tells whether a session of this user could start without the password, from cached route and token. */
  hasToken(user: SipUri): boolean;
  /**
   * Finds the way of a domain's users up to the token service, past the cache, without a user or a password. Throws as a
   * session does in its discovery and challenge steps: for a host that is not trusted or has a bad certificate too. Where the
   * signal aborts, a RequestTimeoutError names the host that had not responded.
   */
  probeDiscovery(domain: string, signal: AbortSignal): Promise<ProbedRoute>;
}

const userAgent = 'simultaneous-ring/1.0';

/** Creates a client. An instance needs only one: its cache saves sign-ins. */
export function createUcwaClient(options: UcwaClientOptions): UcwaClient {
  const limits = new PoolLimits(options.requestsAtOnce ?? 1_000);
  const guarded = guardPools(
    createTransport({ ...options, userAgent }),
    limits,
    options.onPoolChange ?? (() => {}),
  );
  const send = limitPools(guarded, limits, options.clock);
  const signInWith = (cache: RouteCache) =>
    new SignIn({
      send,
      cache,
      clock: options.clock,
      rootsOf: options.discoveryUrls,
      requireTrusted: (step, url) => requireTrusted(step, url, options.trustedHosts),
    });
  const cache = new RouteCache(options.clock);
  const signIn = signInWith(cache);
  return {
    session: (sessionOptions) => {
      const deps = { send, signIn, cache, userAgent, clock: options.clock };
      if (sessionOptions.onBehalfOf === undefined) return new UcwaSession(deps, sessionOptions);
      // Tokens on behalf of a caller end with the session, and serve nobody else.
      const own = new RouteCache(options.clock);
      return new UcwaSession({ ...deps, cache: own, signIn: signInWith(own) }, sessionOptions);
    },
    hasToken: (user) => {
      const url = cache.applicationsUrl(user);
      return url !== undefined && cache.token(user, url.origin) !== undefined;
    },
    probeDiscovery: (domain, signal) => probeDiscovery(signIn, options.clock, domain, signal),
  };
}

/** A probe belongs to no user's work, so nothing counts its requests. It remembers only the one that it waits for. */
async function probeDiscovery(
  signIn: SignIn,
  clock: Clock,
  domain: string,
  signal: AbortSignal,
): Promise<ProbedRoute> {
  let pending: { readonly step: Step; readonly host: string; readonly sinceMs: number } | undefined;
  const done = () => {
    pending = undefined;
  };
  const exchange: Exchange = {
    correlationId: 'health',
    priority: 'caller',
    signal,
    onBegin: ({ step, url }) => {
      pending = { step, host: url.host, sinceMs: clock.nowMs() };
    },
    onRequest: () => {},
    onResponse: done,
    onUnreached: done,
  };
  try {
    return await signIn.probe(domain, exchange);
  } catch (error) {
    if (error instanceof UcwaError || pending === undefined || !signal.aborted) throw error;
    throw new RequestTimeoutError(pending.step, pending.host, clock.nowMs() - pending.sinceMs);
  }
}

/** Returns where discovery of a domain starts by default. https://learn.microsoft.com/skype-sdk/ucwa/root_ref */
export function defaultDiscoveryUrls(domain: string): readonly URL[] {
  return ['lyncdiscoverinternal', 'lyncdiscover'].map((host) => new URL(`https://${host}.${domain}/`));
}
