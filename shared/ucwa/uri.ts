import { targetMaxLength } from './vocabulary.ts';

declare const brand: unique symbol;

/** A person's address, `sip:user@domain`, in lower case. Made by {@link parseSipUri} alone. */
export type SipUri = string & { readonly [brand]: 'sip' };

/** A number, `tel:+…` with an optional `;ext=…`, no separators. Made by {@link parseTelUri} alone. */
export type TelUri = string & { readonly [brand]: 'tel' };

export type RingTarget = SipUri | TelUri;

const sipForm =
  /^(?:sip:)?([a-z0-9!$&'*+=_~.-]+)@([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+)$/;

/**
 * Reads a SIP address, with or without its scheme, in any case.
 * Answers undefined for what is none; parameters, ports, quoting and escapes are not taken, since no user has them.
 */
export function parseSipUri(text: string): SipUri | undefined {
  // Before lower-casing, which makes plain letters of some that are none: the Kelvin sign becomes a k.
  const address = text.trim();
  const isPlain = /^[\x20-\x7e]*$/.test(address) && text.length <= 254;
  const match = isPlain ? sipForm.exec(address.toLowerCase()) : null;
  if (match === null) return undefined;
  const [, user, domain] = match;
  return `sip:${user}@${domain}` as SipUri;
}

/** Reads a global number in the form that UCWA is sent. Answers undefined for anything else. */
export function parseTelUri(text: string): TelUri | undefined {
  return /^tel:\+[1-9]\d{1,14}(?:;ext=\d{1,15})?$/.test(text) && text.length <= targetMaxLength
    ? (text as TelUri)
    : undefined;
}

/** The domain of a SIP address. */
export function domainOf(user: SipUri): string {
  return user.slice(user.indexOf('@') + 1);
}

export function isTelUri(target: RingTarget): target is TelUri {
  return target.startsWith('tel:');
}
