import type { Resource } from './transport/resource.ts';
import { isTelUri, parseSipUri, parseTelUri, type RingTarget, type SipUri, type TelUri } from './uri.ts';

/** A contact as the server shows it: its own address, and the numbers of the person, if it is one. */
export interface Contact {
  /** As the server wrote it: the text that sets this contact again, whether or not it has a canonical form. */
  readonly uri: string | undefined;
  readonly numbers: readonly string[];
}

/**
 * How a contact compares with a target: its own address is the target; the target is one of its numbers; it is another
 * contact; or the comparison proves nothing, because a number is not in international form.
 */
export type ContactMatch = 'same' | 'among-numbers' | 'other' | 'unknown';

const numberProperties = [
  'workPhoneNumber',
  'mobilePhoneNumber',
  'homePhoneNumber',
  'otherPhoneNumber',
  'office',
] as const;

/** A longer address is not shown: no server could set it again, and it must not flood logs and rows. */
const uriMaxLength = 1_000;

/** Reads a contact from its resource. https://learn.microsoft.com/skype-sdk/ucwa/contact_ref */
export function readContact(resource: Resource): Contact {
  const numbers = numberProperties
    .map((name) => resource.text(name))
    .filter((number) => number !== undefined);
  const uri = resource.text('uri');
  return { uri: uri !== undefined && uri.length <= uriMaxLength ? uri : undefined, numbers };
}

/**
 * Compares a contact with a target, in every form in which servers show a number. A target without a canonical form is the
 * text of an earlier reading, and is the same only as that text. A SIP address whose user part is a number never proves
 * that number, nor the number it.
 */
export function compareContact(contact: Contact, target: string): ContactMatch {
  const own = contact.uri === undefined ? undefined : canonicalTarget(contact.uri);
  const desired = canonicalTarget(target);
  if (desired === undefined) return contact.uri === target ? 'same' : 'unknown';
  if (own === desired) return 'same';
  return isTelUri(desired) ? compareWithNumber(contact, own, desired) : compareWithAddress(own, desired);
}

function compareWithAddress(own: RingTarget | undefined, desired: SipUri): ContactMatch {
  if (own === undefined) return 'unknown';
  return isTelUri(own) && mayMean(desired, own) ? 'unknown' : 'other';
}

function compareWithNumber(contact: Contact, own: RingTarget | undefined, desired: TelUri): ContactMatch {
  if (own !== undefined && isTelUri(own)) return 'other';
  const numbers = contact.numbers.map(canonicalNumber);
  if (numbers.includes(desired)) return 'among-numbers';
  const isOwnComparable = own === undefined ? contact.uri === undefined : !mayMean(own, desired);
  const areAllComparable = numbers.length > 0 && numbers.every((number) => number !== undefined);
  return isOwnComparable && areAllComparable ? 'other' : 'unknown';
}

/** Tells whether the user part of an address is a number that may stand for another one, in whatever form it is written. */
function mayMean(address: SipUri, number: TelUri): boolean {
  const user = address.slice('sip:'.length, address.indexOf('@'));
  if (/[a-z]/.test(user)) return false;
  const digits = significantDigits(user);
  const wanted = significantDigits(number.split(';')[0] ?? '');
  return digits !== '' && (digits.endsWith(wanted) || wanted.endsWith(digits));
}

/** Leaves out the zeros in front of a number: the prefixes for national and international calls. */
function significantDigits(text: string): string {
  return text.replace(/\D/g, '').replace(/^0+/, '');
}

/**
 * Returns the canonical form of a target, in which targets are compared and shown: `tel:+…` for a number in international
 * form, otherwise `sip:…`. Returns undefined if there is none, as for a local number or an address with escapes.
 */
export function canonicalTarget(uri: string): RingTarget | undefined {
  const text = uri.trim().toLowerCase();
  if (text.length > uriMaxLength) return undefined;
  const at = text.indexOf('@');
  return at < 0 ? canonicalNumber(text) : canonicalAddress(text.slice(0, at), text.slice(at + 1));
}

/**
 * Reads a SIP address. It is a number only if it says so: with `user=phone`, or as Skype for Business writes a number, with
 * `ms-skip-rnl`. https://www.rfc-editor.org/rfc/rfc3261#section-19.1.1
 */
function canonicalAddress(schemeAndUser: string, hostAndParameters: string): RingTarget | undefined {
  const user = schemeAndUser.replace(/^sips?:/, '');
  const [, ...userParameters] = user.split(';');
  const [host = '', ...parameters] = hostAndParameters.split(';');
  const skipsLookup = userParameters.some((parameter) => parameter.split('=')[0] === 'ms-skip-rnl');
  if (skipsLookup || parameters.includes('user=phone')) return canonicalNumber(user);
  return schemeAndUser.startsWith('sips:') ? undefined : parseSipUri(`${user}@${host}`);
}

/** Reads a number with or without `tel:`. Returns undefined unless it is in international form. */
function canonicalNumber(text: string): TelUri | undefined {
  const [number = '', ...parameters] = text.trim().toLowerCase().replace(/^tel:/, '').split(';');
  if (!number.startsWith('+')) return undefined;
  const extension = parameters.find((parameter) => parameter.startsWith('ext='));
  const digits = number.replace(/[\s().-]/g, '');
  return parseTelUri(`tel:${digits}${extension === undefined ? '' : `;${extension}`}`);
}
