import { type Contact, canonicalTarget } from '../../ucwa/contact.ts';
import type { ForwardingSettings, TargetSetting } from '../../ucwa/forwarding-settings.ts';
import type { UcwaSession } from '../../ucwa/session.ts';
import { rel } from '../../ucwa/vocabulary.ts';
import type { RingState } from '../model/desired-ring.ts';

/** What one reading of a person's settings showed, and whom the contacts in it mean. */
export interface RingReading {
  readonly settings: ForwardingSettings;
  readonly ring: TargetSetting;
  /** Who is rung, where that is a contact that may be read. */
  readonly contact: Contact | undefined;
  readonly unanswered: TargetSetting | undefined;
  readonly state: RingState;
}

/** Reads all that is set for a person; a contact is fetched only where it is in force. */
export async function readRingState(session: UcwaSession): Promise<RingReading> {
  const settings = await session.readSettings();
  const ring = await session.readTarget(settings, rel.simultaneousRingSettings);
  const contact = isContactRung(settings, ring) ? await readContact(session, ring) : undefined;
  const forwarding = settings.active === 'forward' ? await findForwarding(session, settings) : undefined;
  const unanswered = await session.readTargetIfAny(settings, rel.unansweredCallSettings);
  const unansweredTarget =
    unanswered?.target === 'contact' ? shownTarget(await readContact(session, unanswered)) : undefined;
  const state: RingState = {
    ...ringShown(settings, ring, contact),
    ...(forwarding === undefined ? {} : { forwarding }),
    ...(unanswered?.target === 'contact'
      ? { unanswered: { ...unansweredTarget, ...delayOf(unanswered) } }
      : {}),
    ...(settings.workHoursOnly ? { activePeriod: 'workhours' } : {}),
  };
  return { settings, ring, contact, unanswered, state };
}

export function isContactRung(settings: ForwardingSettings, ring: TargetSetting): boolean {
  return settings.active === 'ring' && ring.target === 'contact';
}

export async function readContact(
  session: UcwaSession,
  setting: TargetSetting,
): Promise<Contact | undefined> {
  return setting.contact === undefined ? undefined : await session.readContact(setting.contact);
}

function ringShown(
  settings: ForwardingSettings,
  ring: TargetSetting,
  contact: Contact | undefined,
): RingState {
  if (settings.active !== 'ring') return { ring: 'off' };
  if (ring.target === 'delegates' || ring.target === 'team') return { ring: ring.target, ...delayOf(ring) };
  return ring.target === 'none' ? { ring: 'off' } : { ring: 'contact', ...shownTarget(contact) };
}

async function findForwarding(
  session: UcwaSession,
  settings: ForwardingSettings,
): Promise<NonNullable<RingState['forwarding']>> {
  const forward = await session.readTargetIfAny(settings, rel.immediateForwardSettings);
  if (forward === undefined) return {};
  if (forward.target === 'contact') return shownTarget(await readContact(session, forward));
  return forward.target === 'none' || forward.target === 'unknown' ? {} : { target: forward.target };
}

function shownTarget(contact: Contact | undefined): { target?: string } {
  const target = contact?.uri === undefined ? undefined : canonicalTarget(contact.uri);
  return target === undefined ? {} : { target };
}

function delayOf(setting: TargetSetting): { ringDelaySeconds?: number } {
  return setting.ringDelaySeconds === undefined ? {} : { ringDelaySeconds: setting.ringDelaySeconds };
}
