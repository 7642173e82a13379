import type { SipUri } from '../../ucwa/uri.ts';

/** The longest encoded address: with a prefix of five characters it makes a name of 127, the most that Key Vault takes. */
export const addressKeyMaxLength = 122;

/**
 * Encodes an address as a name that vaults and tables take: every byte other than a–z and 0–9 becomes `-` and two hex
 * digits. Different addresses have different names. As text, names sort as addresses do whose characters rank so:
 * punctuation, `@` included, in the order of ASCII, then digits, then letters.
 */
export function encodeAddress(user: SipUri): string {
  return encodeAddressPart(user.slice('sip:'.length));
}

/** Encodes a part of an address. What an address begins with, its name begins with in encoded form. */
export function encodeAddressPart(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replace(/[^a-z0-9]/g, (byte) => `-${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
