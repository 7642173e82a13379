import type { Clock } from '../runtime/clock.ts';
import { type SessionOptions, UcwaSession } from './session.ts';
import { RouteCache } from './sign-in/route-cache.ts';
import { SignIn } from './sign-in/sign-in.ts';
import { guardPools } from './transport/breaker.ts';
import { limitPools, PoolLimits } from './transport/pool-limits.ts';
import { createTransport } from './transport/transport.ts';
import type { TrustedHosts } from './transport/trust.ts';
import type { SipUri } from './uri.ts';

export interface UcwaClientOptions {
  /** Where discovery of a domain starts, in the order in which it is tried. */
  readonly discoveryUrls: (domain: string) => readonly URL[];
  readonly trustedHosts: TrustedHosts;
  readonly requestTimeoutMs: number;
  /** PEM certificates that are trusted besides the machine's own. */
  readonly caCertificates?: readonly string[];
  readonly clock: Clock;
  /** How many requests may be under way to one host at once, at most; 1000 unless said. */
  readonly requestsAtOnce?: number;
  /** Called when a host is left alone, and when it is used again. */
  readonly onPoolChange?: (host: string, state: 'paused' | 'resumed') => void;
}

/** Opens sessions on UCWA; they share connections and what was learnt of domains, pools and users. */
export interface UcwaClient {
  session(options: SessionOptions): UcwaSession;
  /** Whether a session of this user could begin without the password, from what is remembered. */
  hasToken(user: SipUri): boolean;
  /** Asks for a domain's root anew. Throws as a session would at its first step. */
  probeDiscovery(domain: string, signal: AbortSignal): Promise<void>;
}

const userAgent = 'simultaneous-ring/1.0';

/** Makes a client. One for each instance: what it remembers saves a user's second sign-in. */
export function createUcwaClient(options: UcwaClientOptions): UcwaClient {
  const limits = new PoolLimits(options.requestsAtOnce ?? 1_000);
  const guarded = guardPools(
    createTransport({ ...options, userAgent }),
    limits,
    options.onPoolChange ?? (() => {}),
  );
  const send = limitPools(guarded, limits);
  const memory = new RouteCache(options.clock);
  const signIn = new SignIn(send, memory, options.discoveryUrls);
  return {
    session: (session) => new UcwaSession({ send, signIn, memory, userAgent }, session),
    hasToken: (user) => {
      const url = memory.applicationsUrl(user);
      return url !== undefined && memory.token(user, url.origin) !== undefined;
    },
    probeDiscovery: async (domain, signal) => {
      const nobodyCounts = { onRequest: () => {}, onAnswer: () => {}, onUnreached: () => {} };
      await signIn.discover(domain, { correlationId: 'health', signal, ...nobodyCounts });
    },
  };
}

/** Where the roots of a domain are by default. https://learn.microsoft.com/skype-sdk/ucwa/root_ref */
export function defaultDiscoveryUrls(domain: string): readonly URL[] {
  return ['lyncdiscoverinternal', 'lyncdiscover'].map((host) => new URL(`https://${host}.${domain}/`));
}
