import { targetMaxLength } from './vocabulary.ts';

declare const brand: unique symbol;

/** A user's address, `sip:user@domain` in lower case. Only {@link parseSipUri} makes one. */
export type SipUri = string & { readonly [brand]: 'sip' };

/** A number, `tel:+…` without separators and with an optional `;ext=…`. Only {@link parseTelUri} makes one. */
export type TelUri = string & { readonly [brand]: 'tel' };

export type RingTarget = SipUri | TelUri;

const domainLabel = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';

/** What an address consists of, in lower case: a class of characters, and the pattern of a domain. */
export const sipUriParts = {
  userCharacters: "a-z0-9!$&'*+=_~.-",
  domain: `${domainLabel}(?:\\.${domainLabel})+`,
};

/** The most characters of an address. */
export const sipUriMaxLength = 254;

const sipPattern = new RegExp(`^(?:sip:)?([${sipUriParts.userCharacters}]+)@(${sipUriParts.domain})$`);

/**
 * Parses a SIP address in any case, with or without its scheme. Returns undefined for anything else, parameters, ports,
 * quotes and escapes included: no user's address has them.
 */
export function parseSipUri(text: string): SipUri | undefined {
  // Checked before lower-casing, which turns some characters into ASCII letters: the Kelvin sign becomes a k.
  const address = text.trim();
  const isAscii = /^[\x20-\x7e]*$/.test(address) && text.length <= sipUriMaxLength;
  const match = isAscii ? sipPattern.exec(address.toLowerCase()) : null;
  if (match === null) return undefined;
  const [, user, domain] = match;
  return `sip:${user}@${domain}` as SipUri;
}

/** Parses a global number in the form that UCWA accepts. Returns undefined for anything else. */
export function parseTelUri(text: string): TelUri | undefined {
  return /^tel:\+[1-9]\d{1,14}(?:;ext=\d{1,15})?$/.test(text) && text.length <= targetMaxLength
    ? (text as TelUri)
    : undefined;
}

/** Returns the domain of a SIP address. */
export function domainOf(user: SipUri): string {
  return user.slice(user.indexOf('@') + 1);
}

/** Tells a number from a SIP address. */
export function isTelUri(target: RingTarget): target is TelUri {
  return target.startsWith('tel:');
}
