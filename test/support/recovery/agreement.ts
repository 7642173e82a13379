import { contactProperties } from '../../../infra/local/ucwa-simulator/representations/contact.ts';
import type { CallForwardingState } from '../../../infra/local/ucwa-simulator/simulator.ts';
import type { Variants } from '../../../infra/local/ucwa-simulator/types.ts';
import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';

/** A target is given back as the server shows it, which for a number may be a SIP address. */
export function asShown(
  unanswered: CallForwardingState['unanswered'],
  numberForm: Variants['numberForm'] = 'tel',
): CallForwardingState['unanswered'] {
  const { contact } = unanswered;
  if (contact === undefined || numberForm === 'forbidden') return unanswered;
  return { ...unanswered, contact: String(contactProperties(contact, numberForm, 'contoso.com')['uri']) };
}

/** Whether the server holds what was desired. */
export function isAsDesired(
  desired: DesiredRing,
  { activeSetting, simultaneousRing }: CallForwardingState,
): boolean {
  if (desired.ring === 'off') return activeSetting !== 'SimultaneousRing';
  if (activeSetting !== 'SimultaneousRing') return false;
  const { target, contact, ringDelay } = simultaneousRing;
  if (desired.ring === 'contact') return target === 'Contact' && contact === desired.target;
  const isDelayAsDesired = desired.ringDelaySeconds === undefined || desired.ringDelaySeconds === ringDelay;
  return target.toLowerCase() === desired.ring && isDelayAsDesired;
}
