import type { Clock } from '../../runtime/clock.ts';
import { RedirectLoopError, RequestTimeoutError, UcwaError, UserUnknownError } from '../errors.ts';
import { isOnlineHost } from '../online-host.ts';
import type { Step } from '../steps.ts';
import { parseResource } from '../transport/resource.ts';
import { requireSuccess, type Send } from '../transport/transport.ts';
import { rel } from '../vocabulary.ts';
import { discoveryError, type RootFailure } from './discovery-error.ts';
import { getFollowing, maxRedirects, type RequestContext } from './get.ts';
import type { RouteCache } from './route-cache.ts';

/** A root that takes longer than this is tried after the others for a while. */
const patienceMs = 3_000;

export interface DiscoveryDeps {
  readonly send: Send;
  readonly cache: RouteCache;
  readonly clock: Clock;
  /** Returns the URLs where discovery of a domain starts, in the order in which they are tried. */
  readonly rootsOf: (domain: string) => readonly URL[];
  /** Throws UntrustedHostError for a URL that no request may go to. */
  readonly requireTrusted: (step: Step, url: URL) => void;
}

/** Where discovery led: the root that worked, and the `user` resource that it links. */
export interface Discovered {
  readonly root: URL;
  readonly userUrl: URL;
  /** How discovery failed from the roots that were tried before. */
  readonly failures: readonly RootFailure[];
}

/** Finds the `user` resource of a domain from the domain's discovery roots. */
export class Discovery {
  readonly #deps: DiscoveryDeps;

  constructor(deps: DiscoveryDeps) {
    this.#deps = deps;
  }

  /**
   * Tries the discovery roots one after the other, those that did not answer lately last. A root that leads to a host that
   * is not trusted has failed. `hurried` waits only three seconds for a root while there is another. Throws the only
   * root's failure, or a DiscoveryError.
   */
  async find(
    context: RequestContext,
    domain: string,
    { hurried = false }: { readonly hurried?: boolean } = {},
  ): Promise<Discovered> {
    const roots = this.#inOrder(domain);
    const failures: RootFailure[] = [];
    for (const root of roots) {
      const isLast = failures.length === roots.length - 1;
      try {
        const userUrl = await this.#ask(context, root, hurried && !isLast);
        return { root, userUrl, failures };
      } catch (error) {
        if (!(error instanceof UcwaError)) throw error;
        failures.push({ root, error });
      }
    }
    const [first, ...others] = failures;
    if (first === undefined) throw new Error('No discovery URL is configured for this domain.');
    throw discoveryError(domain, first, others);
  }

  /** Follows `redirect` links until a resource has a `user` link. https://learn.microsoft.com/skype-sdk/ucwa/redirect_ref */
  async followToUser(context: RequestContext, start: URL, step: Step): Promise<URL> {
    let url = start;
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const response = await getFollowing(this.#deps.send, context, url, step);
      const resource = parseResource(requireSuccess(response));
      const userUrl = resource.link(rel.user);
      const next = userUrl ?? resource.promisedLink(rel.redirect);
      if (step === 'home-pool') requireOnPremises(url, next);
      if (userUrl !== undefined) return userUrl;
      url = next;
    }
    throw new RedirectLoopError(step, url.host);
  }

  #inOrder(domain: string): readonly URL[] {
    const { rootsOf, cache } = this.#deps;
    const roots = rootsOf(domain);
    return [
      ...roots.filter((root) => !cache.isSlowRoot(root)),
      ...roots.filter((root) => cache.isSlowRoot(root)),
    ];
  }

  /** Asks one root, and remembers whether it is slow, also where the caller's own limit ends the wait. */
  async #ask(context: RequestContext, root: URL, hurried: boolean): Promise<URL> {
    const { cache, clock, requireTrusted } = this.#deps;
    const askedAtMs = clock.nowMs();
    try {
      const userUrl = await (hurried ? this.#askInTime(context, root) : this.#follow(context, root));
      cache.forgetSlowRoot(root);
      requireTrusted('challenge', userUrl);
      return userUrl;
    } catch (error) {
      const isSlow = error instanceof RequestTimeoutError || clock.nowMs() - askedAtMs >= patienceMs;
      if (isSlow) cache.rememberSlowRoot(root);
      throw error;
    }
  }

  async #askInTime(context: RequestContext, root: URL): Promise<URL> {
    const { exchange } = context;
    const limit = this.#deps.clock.timeout(patienceMs, exchange.signal);
    try {
      return await this.#follow({ ...context, exchange: { ...exchange, signal: limit.signal } }, root);
    } catch (error) {
      const isOver = limit.signal.aborted && !exchange.signal.aborted && !(error instanceof UcwaError);
      throw isOver ? new RequestTimeoutError('discovery', root.host, patienceMs) : error;
    } finally {
      limit.stop();
    }
  }

  #follow(context: RequestContext, root: URL): Promise<URL> {
    return this.followToUser(context, root, 'discovery');
  }
}

/** Throws {@link UserUnknownError} if the way to a user's home pool leads to Microsoft 365. Nothing is sent there. */
export function requireOnPremises(url: URL, next: URL): void {
  if (isOnlineHost(next.hostname)) throw new UserUnknownError('home-pool', url.host, 'homed-online');
}
