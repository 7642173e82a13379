import type { Resource } from './transport/resource.ts';
import { isTelUri, parseSipUri, parseTelUri, type RingTarget, type TelUri } from './uri.ts';

/** A contact that the server named: its own address, and the numbers of a person. */
export interface Contact {
  readonly uri: string | undefined;
  readonly numbers: readonly string[];
}

/**
 * How a contact stands to a target: it is that target; the target is among a person's numbers; it is somebody else;
 * or it cannot be told, since a number is not written in international form or none is shown.
 */
export type Likeness = 'same' | 'among-numbers' | 'other' | 'untold';

const numberProperties = [
  'workPhoneNumber',
  'mobilePhoneNumber',
  'homePhoneNumber',
  'otherPhoneNumber',
  'office',
] as const;

/** Reads a contact. https://learn.microsoft.com/skype-sdk/ucwa/contact_ref */
export function readContact(resource: Resource): Contact {
  const numbers = numberProperties
    .map((name) => resource.text(name))
    .filter((number) => number !== undefined);
  return { uri: resource.text('uri'), numbers };
}

/** Compares a contact with a target, in all the forms in which a number comes back. */
export function compareContact(contact: Contact, target: RingTarget): Likeness {
  const own = contact.uri === undefined ? undefined : canonicalTarget(contact.uri);
  if (own !== undefined && own === canonicalTarget(target)) return 'same';
  if (!isTelUri(target)) return own === undefined ? 'untold' : 'other';
  if (own !== undefined && isTelUri(own)) return 'other';
  const numbers = contact.numbers.map(canonicalNumber);
  if (numbers.includes(target)) return 'among-numbers';
  const comparable = numbers.length > 0 && numbers.every((number) => number !== undefined);
  return comparable ? 'other' : 'untold';
}

/**
 * The one form of a target that is compared and shown: `tel:+…` for a number, however it is written, or `sip:…`.
 * Answers undefined for what is neither.
 */
export function canonicalTarget(uri: string): RingTarget | undefined {
  return canonicalNumber(uri) ?? parseSipUri(uri.replace(/^sip:/i, '').split(';')[0] ?? '');
}

/** A number as `tel:` URI or as the SIP address that Skype for Business makes of it. */
function canonicalNumber(uri: string): TelUri | undefined {
  const text = uri.trim().toLowerCase();
  const asSip = /^sips?:(\+[^@]+)@[^;]+(?:;.*)?$/.exec(text);
  const [number = '', ...parameters] = (asSip?.[1] ?? text.replace(/^tel:/, '')).split(';');
  if (!number.startsWith('+')) return undefined;
  const extension = parameters.find((parameter) => parameter.startsWith('ext='));
  const digits = number.replace(/[\s().-]/g, '');
  return parseTelUri(`tel:${digits}${extension === undefined ? '' : `;${extension}`}`);
}
