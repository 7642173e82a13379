import { type Contact, readContact } from './contact.ts';
import {
  type ForwardingSettings,
  type Period,
  periodWords,
  readForwardingSettings,
  readTargetSetting,
  type TargetSetting,
  type TargetSettingRel,
} from './forwarding-settings.ts';
import type { RouteCache } from './sign-in/route-cache.ts';
import type { Step } from './steps.ts';
import { withParameter } from './transport/href.ts';
import { parseResource, type Resource } from './transport/resource.ts';
import { requireSuccess, responseError, type UcwaResponse } from './transport/transport.ts';
import { type GroupRing, groupRings, rel, settingTarget, subcode } from './vocabulary.ts';

/** The requests that call forwarding makes in a session. `get` and `post` return every response, 2xx or not. */
export interface ForwardingRequests {
  /** Returns the user's `me` resource. */
  readonly me: () => Promise<Resource>;
  readonly get: (step: ReadStep | 'contact', url: URL) => Promise<UcwaResponse>;
  /** Sends a write. */
  readonly post: (url: URL, json?: unknown) => Promise<UcwaResponse>;
  /** Replaces a resource that was not changed since it was read. */
  readonly put: (url: URL, json: unknown, ifMatch: string) => Promise<UcwaResponse>;
}

/** The steps of reading: before a write, or as proof after it. */
export type ReadStep = Extract<Step, 'read' | 'read-back'>;

/**
 * The call forwarding of one user: reads the settings, and writes them by the links that a reading offered. Every method
 * that sends a request throws a UcwaError if the request fails.
 */
export class CallForwarding {
  readonly #requests: ForwardingRequests;
  readonly #cache: RouteCache;

  constructor(requests: ForwardingRequests, cache: RouteCache) {
    this.#requests = requests;
    this.#cache = cache;
  }

  /** Reads the settings. Throws LinkMissingError for a user without Enterprise Voice. */
  async readSettings(step: ReadStep = 'read'): Promise<ForwardingSettings> {
    const me = await this.#requests.me();
    return readForwardingSettings(await this.#read(step, me.requireLink(rel.callForwardingSettings)));
  }

  /**
   * Reads one of the sub-settings: the embedded one, or else the linked one. Throws UnexpectedContentError if
   * simultaneous ring is on and its target is missing or not known.
   */
  async readTarget(
    settings: ForwardingSettings,
    name: TargetSettingRel,
    step: ReadStep = 'read',
  ): Promise<TargetSetting> {
    const embedded = settings.resource.embedded(name);
    const resource = embedded ?? (await this.#read(step, settings.resource.requireLink(name)));
    const setting = readTargetSetting(resource, name);
    const isInForce = settings.active === 'ring' && name === rel.simultaneousRingSettings;
    if (isInForce && setting.target === 'unknown') {
      throw resource.unusable('the target of the ring that is on is missing or not known');
    }
    return setting;
  }

  /** Reads one of the sub-settings if the server offers it; returns undefined if not. */
  async readTargetIfAny(
    settings: ForwardingSettings,
    name: TargetSettingRel,
    step: ReadStep = 'read',
  ): Promise<TargetSetting | undefined> {
    const { resource } = settings;
    const isOffered = resource.embedded(name) !== undefined || resource.link(name) !== undefined;
    return isOffered ? await this.readTarget(settings, name, step) : undefined;
  }

  /** Reads the contact behind a link. Returns undefined if UCWA withholds it from this user (403) or has none (404). */
  async readContact(url: URL): Promise<Contact | undefined> {
    const response = await this.#requests.get('contact', url);
    if (isContactWithheld(response)) return undefined;
    return readContact(parseResource(requireSuccess(response)));
  }

  /** Throws LinkMissingError if the server does not offer the write that this ring needs. Sends nothing. */
  requireWritable(
    settings: ForwardingSettings,
    ring: TargetSetting,
    desired: 'contact' | GroupRing | 'off',
  ): void {
    if (desired === 'off') settings.resource.requireLink(rel.turnOffCallForwarding);
    else if (desired === 'contact') ring.resource.requireLink(rel.simultaneousRingToContact);
    else ring.resource.requireLink(groupRings[desired].rel);
  }

  /**
   * Rings a number or contact together with the user. The text of an earlier reading sets the same contact again.
   * https://learn.microsoft.com/skype-sdk/ucwa/simultaneousringtocontact_ref
   */
  async ringContact(ring: TargetSetting, target: string): Promise<void> {
    await this.#postTarget(ring.resource.requireLink(rel.simultaneousRingToContact), { target });
  }

  /**
   * Rings a group together with the user, after 0 to 55 seconds.
   * https://learn.microsoft.com/skype-sdk/ucwa/simultaneousringtodelegates_ref
   */
  async ringGroup(
    ring: TargetSetting,
    group: GroupRing,
    ringDelaySeconds: number | undefined,
  ): Promise<void> {
    const url = ring.resource.requireLink(groupRings[group].rel);
    requireSuccess(await this.#requests.post(url, delayContent(ringDelaySeconds)));
  }

  /** Turns off the active setting. https://learn.microsoft.com/skype-sdk/ucwa/turnoffcallforwarding_ref */
  async turnOff(settings: ForwardingSettings): Promise<void> {
    requireSuccess(await this.#requests.post(settings.resource.requireLink(rel.turnOffCallForwarding)));
  }

  /**
   * Forwards every call at once to a contact, which ends a simultaneous ring.
   * https://learn.microsoft.com/skype-sdk/ucwa/immediateforwardtocontact_ref
   */
  async forwardToContact(forward: TargetSetting, target: string): Promise<void> {
    await this.#postTarget(forward.resource.requireLink(rel.immediateForwardToContact), { target });
  }

  /**
   * Forwards every call at once to the delegates or to voicemail, which ends a simultaneous ring.
   * https://learn.microsoft.com/skype-sdk/ucwa/immediateforwardtovoicemail_ref
   */
  async forwardTo(forward: TargetSetting, target: 'delegates' | 'voicemail'): Promise<void> {
    const name = target === 'delegates' ? rel.immediateForwardToDelegates : rel.immediateForwardToVoicemail;
    requireSuccess(await this.#requests.post(forward.resource.requireLink(name)));
  }

  /**
   * Sends unanswered calls to a contact, after 5 to 60 seconds. Refused (403) while an immediate forward is on.
   * https://learn.microsoft.com/skype-sdk/ucwa/unansweredcalltocontact_ref
   */
  async sendUnansweredTo(
    unanswered: TargetSetting,
    target: string,
    ringDelaySeconds: number | undefined,
  ): Promise<void> {
    const url = unanswered.resource.requireLink(rel.unansweredCallToContact);
    await this.#postTarget(url, { target, ...delayContent(ringDelaySeconds) });
  }

  /**
   * Sends unanswered calls to voicemail, after 5 to 60 seconds. Refused (403) while an immediate forward is on.
   * https://learn.microsoft.com/skype-sdk/ucwa/unansweredcalltovoicemail_ref
   */
  async sendUnansweredToVoicemail(
    unanswered: TargetSetting,
    ringDelaySeconds: number | undefined,
  ): Promise<void> {
    const url = unanswered.resource.requireLink(rel.unansweredCallToVoicemail);
    requireSuccess(await this.#requests.post(url, delayContent(ringDelaySeconds)));
  }

  /**
   * Sends unanswered calls nowhere: of a user with voicemail no POST can.
   * https://learn.microsoft.com/skype-sdk/ucwa/unansweredcallsettings_ref
   */
  async sendUnansweredNowhere({ resource }: TargetSetting): Promise<void> {
    // An embedded resource need not have an etag of its own.
    const own = await this.#read('read', resource.promisedLink(rel.self));
    await this.#replace(own, { target: settingTarget.none });
  }

  /**
   * Sets the period during which the settings apply. PUT replaces, so read the settings just before: it writes the active
   * setting as well. https://learn.microsoft.com/skype-sdk/ucwa/callforwardingsettings_ref
   */
  async setPeriod({ resource }: ForwardingSettings, period: Period): Promise<void> {
    await this.#replace(resource, { activePeriod: periodWords[period] });
  }

  async #replace(resource: Resource, changed: Readonly<Record<string, unknown>>): Promise<void> {
    const url = resource.promisedLink(rel.self);
    const content = { ...resource.properties(), ...changed };
    requireSuccess(await this.#requests.put(url, content, resource.requireEtag()));
  }

  async #read(step: ReadStep, url: URL): Promise<Resource> {
    return parseResource(requireSuccess(await this.#requests.get(step, url)));
  }

  /**
   * Sends a target in the body, which keeps numbers out of servers' logs. A pool that refuses the body with 400 gets the
   * target in the query; if it accepts that, the next users of the pool get the query at once.
   */
  async #postTarget(url: URL, content: { target: string; ringDelay?: number | undefined }): Promise<void> {
    const isQueryOnly = this.#cache.takesTargetInQueryOnly(url.origin);
    if (!isQueryOnly) {
      const response = await this.#requests.post(url, content);
      if (response.status !== 400) return void requireSuccess(response);
    }
    const parameters = Object.entries(content);
    const withQuery = parameters.reduce(
      (link, [name, value]) => withParameter(link, name, String(value)),
      url,
    );
    requireSuccess(await this.#requests.post(withQuery));
    if (!isQueryOnly) this.#cache.rememberTargetInQueryOnly(url.origin);
  }
}

function delayContent(ringDelaySeconds: number | undefined): { ringDelay: number } | undefined {
  return ringDelaySeconds === undefined ? undefined : { ringDelay: ringDelaySeconds };
}

/** True if UCWA withholds the contact itself, rather than refusing the token or the application. */
function isContactWithheld(response: UcwaResponse): boolean {
  if (response.status !== 403 && response.status !== 404) return false;
  const error = responseError(response);
  return error.fromUcwa && !error.refusesToken && !error.says(subcode.applicationNotFound);
}
