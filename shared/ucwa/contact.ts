import type { Resource } from './transport/resource.ts';
import { isTelUri, parseSipUri, parseTelUri, type RingTarget, type TelUri } from './uri.ts';

/** A contact as the server shows it: its own address, and the numbers of the person, if it is one. */
export interface Contact {
  readonly uri: string | undefined;
  readonly numbers: readonly string[];
}

/**
 * How a contact compares with a target: its own address is the target; the target is one of its numbers; it is another
 * contact; or it shows no number in international form, so the comparison proves nothing.
 */
export type ContactMatch = 'same' | 'among-numbers' | 'other' | 'unknown';

const numberProperties = [
  'workPhoneNumber',
  'mobilePhoneNumber',
  'homePhoneNumber',
  'otherPhoneNumber',
  'office',
] as const;

/** Reads a contact from its resource. https://learn.microsoft.com/skype-sdk/ucwa/contact_ref */
export function readContact(resource: Resource): Contact {
  const numbers = numberProperties
    .map((name) => resource.text(name))
    .filter((number) => number !== undefined);
  return { uri: resource.text('uri'), numbers };
}

/** Compares a contact with a target, in every form in which servers show a number. */
export function compareContact(contact: Contact, target: RingTarget): ContactMatch {
  const own = contact.uri === undefined ? undefined : canonicalTarget(contact.uri);
  if (own !== undefined && own === canonicalTarget(target)) return 'same';
  if (!isTelUri(target)) return own === undefined ? 'unknown' : 'other';
  if (own !== undefined && isTelUri(own)) return 'other';
  const numbers = contact.numbers.map(canonicalNumber);
  if (numbers.includes(target)) return 'among-numbers';
  const areAllComparable = numbers.length > 0 && numbers.every((number) => number !== undefined);
  return areAllComparable ? 'other' : 'unknown';
}

/**
 * Returns the canonical form of a target, in which targets are compared and shown: `tel:+…` for a number in any
 * notation, otherwise `sip:…`. Returns undefined if the text is neither.
 */
export function canonicalTarget(uri: string): RingTarget | undefined {
  return canonicalNumber(uri) ?? parseSipUri(uri.replace(/^sip:/i, '').split(';')[0] ?? '');
}

/** Reads a number from a `tel:` URI, or from the SIP address that Skype for Business makes of a number. */
function canonicalNumber(uri: string): TelUri | undefined {
  const text = uri.trim().toLowerCase();
  const asSip = /^sips?:(\+[^@]+)@[^;]+(?:;.*)?$/.exec(text);
  const [number = '', ...parameters] = (asSip?.[1] ?? text.replace(/^tel:/, '')).split(';');
  if (!number.startsWith('+')) return undefined;
  const extension = parameters.find((parameter) => parameter.startsWith('ext='));
  const digits = number.replace(/[\s().-]/g, '');
  return parseTelUri(`tel:${digits}${extension === undefined ? '' : `;${extension}`}`);
}
