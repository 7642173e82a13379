import { applicationRequest, type EndpointIndex, requireIdentity } from './application.ts';
import { type Contact, readContact } from './contact.ts';
import { ConnectionError, PoolPausedError, UntrustedHostError } from './errors.ts';
import {
  type ForwardingSettings,
  readForwardingSettings,
  readTargetSetting,
  type TargetSetting,
  type TargetSettingRel,
} from './forwarding-settings.ts';
import type { RouteCache } from './sign-in/route-cache.ts';
import type { SignIn, SignInContext } from './sign-in/sign-in.ts';
import type { PasswordCredential } from './sign-in/token.ts';
import { withParameter } from './transport/href.ts';
import { parseResource, type Resource } from './transport/resource.ts';
import {
  type Exchange,
  requireSuccess,
  responseError,
  type Send,
  type UcwaAnswer,
  type UcwaRequest,
} from './transport/transport.ts';
import { domainOf, type RingTarget, type SipUri } from './uri.ts';
import { rel, type Step, subcode } from './vocabulary.ts';

const groupRel = { delegates: rel.simultaneousRingToDelegates, team: rel.simultaneousRingToTeam } as const;

export interface SessionOptions {
  readonly user: SipUri;
  readonly credential: () => Promise<PasswordCredential>;
  readonly correlationId: string;
  readonly signal: AbortSignal;
  /** Called for each request that is sent, before it is. */
  readonly onRequest?: (step: Step) => void;
}

export type WriteState = 'none' | 'answered' | 'unknown';

function wasNeverSent(error: unknown): boolean {
  if (error instanceof ConnectionError) return !error.sent;
  return error instanceof UntrustedHostError || error instanceof PoolPausedError;
}

/** UCWA refuses the contact itself, and neither the token nor the application with which it was asked for. */
function isContactWithheld(answer: UcwaAnswer): boolean {
  if (answer.status !== 403 && answer.status !== 404) return false;
  const error = responseError(answer);
  return error.fromUcwa && !error.refusesToken && !error.says(subcode.applicationNotFound);
}

interface Application {
  readonly url: URL;
  readonly resource: Resource;
  readonly token: string;
}

/**
 * One user's work on UCWA. What it needs it gets when it is first asked for: the way to the pool, a token, an
 * application. What failed can be dropped piece by piece and is then made anew. Close it when the work is done.
 */
export class UcwaSession {
  readonly #send: Send;
  readonly #signIn: SignIn;
  readonly #memory: RouteCache;
  readonly #userAgent: string;
  readonly #options: SessionOptions;
  readonly #exchange: Exchange;
  #application: Application | undefined;
  #endpoint: EndpointIndex = 0;
  #freshConnection = false;
  #requests = 0;
  #unreached = 0;
  readonly #servingHosts = new Set<string>();
  #write: WriteState = 'none';
  #mayLandLate = false;
  #isWayRemembered: boolean | undefined;

  constructor(
    parts: { send: Send; signIn: SignIn; memory: RouteCache; userAgent: string },
    options: SessionOptions,
  ) {
    this.#send = parts.send;
    this.#signIn = parts.signIn;
    this.#memory = parts.memory;
    this.#userAgent = parts.userAgent;
    this.#options = options;
    this.#exchange = this.#exchangeUnder(options.signal);
  }

  /** How many requests were sent so far, clean-up included. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether any of them may have reached a server. */
  get hasReached(): boolean {
    return this.#requests > this.#unreached;
  }

  /** The hosts that answered, and not that they failed or are too busy. */
  get servingHosts(): ReadonlySet<string> {
    return this.#servingHosts;
  }

  /** Reads the settings. Throws LinkMissingError for a user without Enterprise Voice. */
  async readSettings(step: 'read' | 'read-back' = 'read'): Promise<ForwardingSettings> {
    const { resource } = await this.#openApplication();
    const me = requireIdentity(resource, this.#options.user);
    const url = me.requireLink(rel.callForwardingSettings);
    return readForwardingSettings(
      parseResource(requireSuccess(await this.#ask({ step, method: 'GET', url }))),
    );
  }

  /** One of the settings below, from what is embedded or by its link. */
  async readTarget(
    settings: ForwardingSettings,
    name: TargetSettingRel,
    step: 'read' | 'read-back' = 'read',
  ): Promise<TargetSetting> {
    const embedded = settings.resource.embedded(name);
    if (embedded !== undefined) return readTargetSetting(embedded);
    const url = settings.resource.requireLink(name);
    return readTargetSetting(parseResource(requireSuccess(await this.#ask({ step, method: 'GET', url }))));
  }

  /** The same for one that a server may leave out. */
  async readTargetIfAny(
    settings: ForwardingSettings,
    name: TargetSettingRel,
    step: 'read' | 'read-back' = 'read',
  ): Promise<TargetSetting | undefined> {
    const { resource } = settings;
    const isThere = resource.embedded(name) !== undefined || resource.link(name) !== undefined;
    return isThere ? await this.readTarget(settings, name, step) : undefined;
  }

  /** Reads whom a link `contact` means; undefined where this user may not see it (403), or it is gone (404). */
  async readContact(url: URL): Promise<Contact | undefined> {
    const answer = await this.#ask({ step: 'contact', method: 'GET', url });
    if (isContactWithheld(answer)) return undefined;
    return readContact(parseResource(requireSuccess(answer)));
  }

  /** Rings a number or contact beside the user. https://learn.microsoft.com/skype-sdk/ucwa/simultaneousringtocontact_ref */
  async ringContact(ring: TargetSetting, target: RingTarget): Promise<void> {
    await this.#sendTarget(ring.resource.requireLink(rel.simultaneousRingToContact), { target });
  }

  /**
   * Rings the user's delegates or team too, after 0 to 55 seconds.
   * https://learn.microsoft.com/skype-sdk/ucwa/simultaneousringtodelegates_ref
   */
  async ringGroup(
    ring: TargetSetting,
    group: 'delegates' | 'team',
    ringDelaySeconds: number | undefined,
  ): Promise<void> {
    const url = ring.resource.requireLink(groupRel[group]);
    const json = ringDelaySeconds === undefined ? {} : { json: { ringDelay: ringDelaySeconds } };
    requireSuccess(await this.#askToWrite({ url, ...json }));
  }

  /** Throws LinkMissingError where the server does not offer what a change would need. */
  requireWritable(
    settings: ForwardingSettings,
    ring: TargetSetting,
    wished: 'contact' | 'delegates' | 'team' | 'off',
  ): void {
    if (wished === 'off') settings.resource.requireLink(rel.turnOffCallForwarding);
    else ring.resource.requireLink(wished === 'contact' ? rel.simultaneousRingToContact : groupRel[wished]);
  }

  /** Turns off whatever is on. https://learn.microsoft.com/skype-sdk/ucwa/turnoffcallforwarding_ref */
  async turnOff(settings: ForwardingSettings): Promise<void> {
    const url = settings.resource.requireLink(rel.turnOffCallForwarding);
    requireSuccess(await this.#askToWrite({ url }));
  }

  /** Leads unanswered calls to a target, after 5 to 60 seconds. https://learn.microsoft.com/skype-sdk/ucwa/unansweredcalltocontact_ref */
  async sendUnansweredTo(
    unanswered: TargetSetting,
    target: string,
    ringDelaySeconds: number | undefined,
  ): Promise<void> {
    const url = unanswered.resource.requireLink(rel.unansweredCallToContact);
    await this.#sendTarget(url, {
      target,
      ...(ringDelaySeconds === undefined ? {} : { ringDelay: ringDelaySeconds }),
    });
  }

  /** Deletes the application, under a signal of its own. Never throws: what became of the work is known already. */
  async close(signal: AbortSignal): Promise<void> {
    const application = this.#application;
    this.#application = undefined;
    if (application === undefined) return;
    const { url, token } = application;
    try {
      await this.#send({ step: 'clean-up', method: 'DELETE', url, token }, this.#exchangeUnder(signal));
    } catch {
      // The next attempt takes over what was left: the endpointId is the same.
    }
  }

  /** Whether a write was sent in this session, and whether what became of the last one is known. */
  get write(): WriteState {
    return this.#write;
  }

  /** A write followed on one of which nothing is known: that one may still take effect, after the later. */
  get mayLandLate(): boolean {
    return this.#mayLandLate;
  }

  /** The way to this user's pool was remembered from an earlier session, and may be outdated. */
  get isRouteCached(): boolean {
    return this.#isWayRemembered ?? false;
  }

  /** Makes another application next, with the user's other endpoint; the present one is deleted first. */
  async dropApplication(): Promise<void> {
    await this.close(this.#options.signal);
    this.#endpoint = this.#endpoint === 0 ? 1 : 0;
  }

  /** Gets another token next. */
  async dropToken(): Promise<void> {
    const url = this.#application?.url ?? this.#memory.applicationsUrl(this.#options.user);
    await this.close(this.#options.signal);
    if (url !== undefined) this.#memory.forgetToken(this.#options.user, url.origin);
  }

  /** Starts from discovery next, with another token and application. */
  async dropRoute(): Promise<void> {
    await this.dropToken();
    this.#memory.forgetRoute(this.#options.user, domainOf(this.#options.user));
    this.#isWayRemembered = false;
  }

  /** Makes new connections from now on, so that a load balancer may choose another Front End. */
  dropConnection(): void {
    this.#freshConnection = true;
  }

  async #openApplication(): Promise<Application> {
    if (this.#application !== undefined) return this.#application;
    const { user } = this.#options;
    const context = this.#signInContext();
    this.#isWayRemembered ??= this.#memory.applicationsUrl(user) !== undefined;
    const url = await this.#signIn.applicationsUrl(context);
    const token = await this.#signIn.token(context, url);
    const request = applicationRequest(url, user, this.#endpoint, this.#userAgent);
    const answer = requireSuccess(await this.#send(this.#fresh({ ...request, token }), this.#exchange));
    const resource = parseResource(answer);
    this.#application = { url: resource.promisedLink(rel.self), resource, token };
    return this.#application;
  }

  /**
   * The target goes in the body, so that numbers stay out of servers' logs; a pool that answers that with 400 gets it
   * in the query, and is remembered if it takes it there.
   */
  async #sendTarget(url: URL, content: { target: string; ringDelay?: number }): Promise<void> {
    const known = this.#memory.takesTargetInQueryOnly(url.origin);
    if (!known) {
      const answer = await this.#askToWrite({ url, json: content });
      if (answer.status !== 400) return void requireSuccess(answer);
    }
    const parameters = Object.entries(content);
    const inQuery = parameters.reduce((link, [name, value]) => withParameter(link, name, String(value)), url);
    requireSuccess(await this.#askToWrite({ url: inQuery }));
    if (!known) this.#memory.rememberTargetInQueryOnly(url.origin);
  }

  /** A gateway that gave up waiting does not stop the server behind it: after 502 and 504, too, nothing is known. */
  async #askToWrite(request: Pick<UcwaRequest, 'url' | 'json'>): Promise<UcwaAnswer> {
    this.#options.signal.throwIfAborted();
    const before = { write: this.#write, mayLandLate: this.#mayLandLate };
    try {
      const answer = await this.#ask({ step: 'write', method: 'POST', ...request });
      if (answer.status !== 502 && answer.status !== 504) this.#write = 'answered';
      return answer;
    } catch (error) {
      if (wasNeverSent(error)) {
        this.#write = before.write;
        this.#mayLandLate = before.mayLandLate;
      }
      throw error;
    }
  }

  async #ask(request: UcwaRequest): Promise<UcwaAnswer> {
    const { token } = await this.#openApplication();
    return this.#send(this.#fresh({ ...request, token }), this.#exchange);
  }

  #fresh(request: UcwaRequest): UcwaRequest {
    return this.#freshConnection ? { ...request, freshConnection: true } : request;
  }

  #signInContext(): SignInContext {
    const { user, credential } = this.#options;
    return { user, credential, exchange: this.#exchange, freshConnection: this.#freshConnection };
  }

  #exchangeUnder(signal: AbortSignal): Exchange {
    const { correlationId, onRequest } = this.#options;
    return {
      correlationId,
      signal,
      onRequest: ({ step }) => {
        this.#requests += 1;
        if (step === 'write') this.#noteWrite();
        onRequest?.(step);
      },
      onAnswer: ({ status, url }) => {
        if (status < 500 && status !== 429) this.#servingHosts.add(url.host);
      },
      onUnreached: () => {
        this.#unreached += 1;
      },
    };
  }

  /** A write counts from when it is sent: who waits for a place on the pool has written nothing. */
  #noteWrite(): void {
    this.#mayLandLate ||= this.#write === 'unknown';
    this.#write = 'unknown';
  }
}
