import type { ReadStep } from '../../ucwa/call-forwarding.ts';
import { type Contact, canonicalTarget } from '../../ucwa/contact.ts';
import type { ForwardingSettings, TargetSetting } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { isGroupRing, rel } from '../../ucwa/vocabulary.ts';
import type { FoundState, RingState } from '../model/ring-state.ts';

/** One reading of a user's settings: UCWA's resources, and the ring state that they show. */
export interface RingReading {
  readonly settings: ForwardingSettings;
  readonly ring: TargetSetting;
  /** The contact that is rung, where the ring is to a contact that may be read. */
  readonly contact: Contact | undefined;
  readonly unanswered: TargetSetting | undefined;
  /** The user's own target for unanswered calls, where there is one that may be read. */
  readonly unansweredContact: Contact | undefined;
  readonly state: FoundState;
}

/** Reads a user's settings. A contact is fetched only where its setting is in force. */
export async function readRingState(session: UcwaSession, step: ReadStep = 'read'): Promise<RingReading> {
  const { callForwarding } = session;
  const settings = await callForwarding.readSettings(step);
  const ring = await callForwarding.readTarget(settings, rel.simultaneousRingSettings, step);
  const contact = isContactRung(settings, ring) ? await readContact(session, ring) : undefined;
  const forwarding =
    settings.active === 'forward' ? await readForwarding(session, settings, step) : undefined;
  const unanswered = await callForwarding.readTargetIfAny(settings, rel.unansweredCallSettings, step);
  const unansweredContact =
    unanswered?.target === 'contact' ? await readContact(session, unanswered) : undefined;
  const asWritten = {
    ...writtenAs('target', contact),
    ...writtenAs('forwarding', forwarding?.contact),
    ...writtenAs('unanswered', unansweredContact),
  };
  const state: FoundState = {
    ...shownRing(settings, ring, contact),
    ...(forwarding === undefined ? {} : { forwarding: forwarding.shown }),
    ...(unanswered?.target === 'contact'
      ? { unanswered: { ...shownTarget(unansweredContact), ...delayOf(unanswered) } }
      : {}),
    ...(settings.period === 'workhours' ? { activePeriod: 'workhours' } : {}),
    ...(Object.keys(asWritten).length === 0 ? {} : { asWritten }),
    ...defaultForUnanswered(unanswered),
  };
  return { settings, ring, contact, unanswered, unansweredContact, state };
}

/** The server's own text of a contact, where it is shown in another form. */
function writtenAs(name: 'target' | 'forwarding' | 'unanswered', contact: Contact | undefined) {
  const text = contact?.uri;
  return text === undefined || (canonicalTarget(text) ?? text) === text ? {} : { [name]: text };
}

function defaultForUnanswered(unanswered: TargetSetting | undefined): Pick<FoundState, 'unansweredDefault'> {
  if (unanswered?.target !== 'voicemail' && unanswered?.target !== 'none') return {};
  return { unansweredDefault: { to: unanswered.target, ...delayOf(unanswered) } };
}

/** True where simultaneous ring to a contact is on: a remembered target may stand beside another active setting. */
export function isContactRung(settings: ForwardingSettings, ring: TargetSetting): boolean {
  return settings.active === 'ring' && ring.target === 'contact';
}

/** Fetches the contact that a setting links to; undefined where it has none or it may not be read. */
export async function readContact(
  session: UcwaSession,
  setting: TargetSetting,
): Promise<Contact | undefined> {
  return setting.contact === undefined
    ? undefined
    : await session.callForwarding.readContact(setting.contact);
}

function shownRing(
  settings: ForwardingSettings,
  ring: TargetSetting,
  contact: Contact | undefined,
): RingState {
  if (settings.active !== 'ring') return { ring: 'off' };
  if (isGroupRing(ring.target)) return { ring: ring.target, ...delayOf(ring) };
  return ring.target === 'none' ? { ring: 'off' } : { ring: 'contact', ...shownTarget(contact) };
}

async function readForwarding(
  session: UcwaSession,
  settings: ForwardingSettings,
  step: ReadStep,
): Promise<{ readonly shown: NonNullable<RingState['forwarding']>; readonly contact?: Contact | undefined }> {
  const { callForwarding } = session;
  const forward = await callForwarding.readTargetIfAny(settings, rel.immediateForwardSettings, step);
  if (forward === undefined) return { shown: {} };
  if (forward.target === 'contact') {
    const contact = await readContact(session, forward);
    return { shown: shownTarget(contact), contact };
  }
  const isKnown = forward.target !== 'none' && forward.target !== 'unknown';
  return { shown: isKnown ? { target: forward.target } : {} };
}

/** In canonical form where there is one, else as the server wrote it. */
function shownTarget(contact: Contact | undefined): { target?: string } {
  if (contact?.uri === undefined) return {};
  return { target: canonicalTarget(contact.uri) ?? contact.uri };
}

function delayOf(setting: TargetSetting): { ringDelaySeconds?: number } {
  return setting.ringDelaySeconds === undefined ? {} : { ringDelaySeconds: setting.ringDelaySeconds };
}
