import { Headers } from 'node-fetch';
import type { Clock } from '../../../shared/runtime/clock.ts';
import type { UcwaClient } from '../../../shared/ucwa/client.ts';
import { UcwaSession } from '../../../shared/ucwa/session.ts';
import { RouteCache } from '../../../shared/ucwa/sign-in/route-cache.ts';
import { SignIn } from '../../../shared/ucwa/sign-in/sign-in.ts';
import type { Send, UcwaRequest, UcwaResponse } from '../../../shared/ucwa/transport/transport.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { type Turns, takeTurn } from './turns.ts';

const origin = 'https://pool.contoso.com';

/**
 * A pool without a network that knows one setting: the team rings after so many seconds, or nobody does. Turning off is not recorded in `written`. `onEnter` is
 * called at each sign-in, with the function that signs out: a worker that crashes does not call it.
 */
export class MemoryPool {
  readonly #turns: Turns;
  readonly #onEnter: (user: SipUri, leave: () => void) => void;
  readonly #delays = new Map<string, number>();
  readonly #signedIn = new Map<SipUri, symbol>();
  /** What was written, in order. */
  readonly written: { readonly user: string; readonly delay: number }[] = [];
  /** Users as whom two sessions were signed in at the same time. */
  readonly doubles: SipUri[] = [];

  constructor(turns: Turns, onEnter: (user: SipUri, leave: () => void) => void) {
    this.#turns = turns;
    this.#onEnter = onEnter;
  }

  /** True while writes are refused for good. */
  refuses = false;

  /** Sets what rings as the user's own client does. */
  choose(user: string, delay: number | undefined): void {
    if (delay === undefined) this.#delays.delete(user);
    else this.#delays.set(user, delay);
  }

  /** Returns after how many seconds the user's team rings; undefined if it does not ring. */
  delayOf(user: string): number | undefined {
    return this.#delays.get(user);
  }

  /** Creates a client of this pool, with routes and tokens in its cache. */
  client(clock: Clock): UcwaClient {
    return {
      session: (options) => {
        const { user, signal } = options;
        const cache = new RouteCache(clock);
        cache.rememberApplicationsUrl(user, new URL(`${origin}/${user}/applications`));
        cache.rememberToken(user, origin, 'token', 3_600);
        const leave = this.#enter(user);
        signal.addEventListener('abort', leave, { once: true });
        const send = this.#send;
        const rootsOf = () => [new URL(origin)];
        const signIn = new SignIn({ send, cache, clock, rootsOf, requireTrusted: () => {} });
        return new WatchedSession({ send, signIn, cache, clock, userAgent: 'test' }, options, leave);
      },
      hasToken: () => false,
      probeDiscovery: async () => ({
        root: new URL(origin),
        userHost: new URL(origin).host,
        tokenHost: new URL(origin).host,
        failures: [],
      }),
    };
  }

  #enter(user: SipUri): () => void {
    if (this.#signedIn.has(user)) this.doubles.push(user);
    const id = Symbol(user);
    this.#signedIn.set(user, id);
    const leave = () => {
      if (this.#signedIn.get(user) === id) this.#signedIn.delete(user);
    };
    this.#onEnter(user, leave);
    return leave;
  }

  readonly #send: Send = (request, { signal, onRequest }) => {
    signal.throwIfAborted();
    onRequest(request);
    const turns: Turns = {
      before: async (call) => {
        await this.#turns.before?.(call);
        signal.throwIfAborted();
      },
      after: async (call) => {
        await this.#turns.after?.(call);
        signal.throwIfAborted();
      },
    };
    return takeTurn(turns, `${request.method} ${request.url.pathname}`, () => this.#answer(request));
  };

  #answer({ step, method, url, json }: UcwaRequest): UcwaResponse {
    const [, user = '', resource] = decodeURIComponent(url.pathname).split('/');
    const body = {
      'POST applications': () => applicationOf(user),
      'GET settings': () => this.#settingsOf(user),
    };
    const isWrite = resource === 'team' || resource === 'off';
    if (isWrite && this.refuses) {
      const text = JSON.stringify({ code: 'Conflict', subcode: 'NoTeamMembersConfigured' });
      return { step, url, status: 409, headers: new Headers(), text };
    }
    if (resource === 'team') this.#write(user, json);
    if (resource === 'off') this.#delays.delete(user);
    const made = Object.entries(body).find(([line]) => line === `${method} ${resource}`)?.[1]();
    return { step, url, status: 200, headers: new Headers(), text: JSON.stringify(made ?? {}) };
  }

  #write(user: string, json: unknown): void {
    const delay =
      typeof json === 'object' && json !== null && 'ringDelay' in json ? Number(json.ringDelay) : 0;
    this.#delays.set(user, delay);
    this.written.push({ user, delay });
  }

  #settingsOf(user: string): unknown {
    const delay = this.#delays.get(user);
    return {
      activeSetting: delay === undefined ? 'None' : 'SimultaneousRing',
      _links: { turnOffCallForwarding: { href: `/${user}/off` } },
      _embedded: {
        simultaneousRingSettings: {
          ...(delay === undefined ? { target: 'None' } : { target: 'Team', ringDelay: delay }),
          _links: { simultaneousRingToTeam: { href: `/${user}/team` } },
        },
      },
    };
  }
}

function applicationOf(user: string): unknown {
  const settings = { callForwardingSettings: { href: `/${user}/settings` } };
  return {
    _links: { self: { href: `/${user}/application` } },
    _embedded: { me: { uri: user, _links: settings } },
  };
}

/** A session that reports when it is closed. */
class WatchedSession extends UcwaSession {
  readonly #leave: () => void;

  constructor(
    deps: ConstructorParameters<typeof UcwaSession>[0],
    options: ConstructorParameters<typeof UcwaSession>[1],
    leave: () => void,
  ) {
    super(deps, options);
    this.#leave = leave;
  }

  override async close(signal: AbortSignal): Promise<void> {
    await super.close(signal);
    this.#leave();
  }
}
