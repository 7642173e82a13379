import { type ContactMatch, compareContact } from '../../ucwa/contact.ts';
import type { ForwardingSettings } from '../../ucwa/forwarding-settings.ts';
import type { ActivePeriod, DesiredRing } from '../model/desired-ring.ts';
import type { Progress, SetSetting } from './progress.ts';
import type { RingReading } from './read-ring-state.ts';

/** True where the settings are what a request set. A contact that cannot be read counts as the one that was set. */
export function isSetBy(found: RingReading, set: SetSetting): boolean {
  const { desired } = set;
  if (desired.ring === 'off') return found.settings.active === 'none';
  return isContactSetBy(found, set) && isPeriodAsDesired(found.settings, desired);
}

/** A contact that does not show the target must show what it showed when the target was proved. */
function isContactSetBy(found: RingReading, { desired, provedAtMs, shownAs }: SetSetting): boolean {
  const match = desired.ring === 'off' ? 'other' : compareRing(found, desired);
  if (match === 'same' || match === 'other' || found.contact === undefined) return match !== 'other';
  return shownAs === undefined ? provedAtMs === undefined : found.contact.uri === shownAs;
}

/** Returns the active period that a request asks for; undefined where it leaves that as it is. */
export function periodOf(desired: DesiredRing): ActivePeriod | undefined {
  return desired.ring === 'off' ? undefined : desired.activePeriod;
}

/** A server that does not say when the settings apply is asked to set it, and proves nothing. */
export function isPeriodAsDesired({ period }: ForwardingSettings, desired: DesiredRing): boolean {
  const wanted = periodOf(desired);
  return wanted === undefined || period === wanted;
}

/** True where the reading shows the ring as desired, and proves it. */
export function isRingAsDesired(found: RingReading, desired: DesiredRing, progress: Progress): boolean {
  if (desired.ring === 'off') return found.settings.active !== 'ring';
  return isProof(compareRing(found, desired), progress);
}

/**
 * A contact whose own address is the target proves the ring. A person who has the target among their numbers proves it only
 * where the ring was certainly another before the write: the person who was rung until then may have that number too.
 */
export function isProof(match: ContactMatch, { mayHaveWritten, matchBefore }: Progress): boolean {
  return match === 'same' || (match === 'among-numbers' && mayHaveWritten && matchBefore === 'other');
}

/** Compares the ring that was read with the desired one. */
export function compareRing(
  { settings, ring, contact }: Pick<RingReading, 'settings' | 'ring' | 'contact'>,
  desired: Exclude<DesiredRing, { ring: 'off' }>,
): ContactMatch {
  if (settings.active !== 'ring' || ring.target !== desired.ring) return 'other';
  if (desired.ring === 'contact') {
    return contact === undefined ? 'unknown' : compareContact(contact, desired.target);
  }
  const { ringDelaySeconds } = desired;
  return ringDelaySeconds === undefined || ring.ringDelaySeconds === ringDelaySeconds ? 'same' : 'other';
}
