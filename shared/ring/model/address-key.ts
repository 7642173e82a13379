import type { SipUri } from '../../ucwa/uri.ts';

/** The longest encoded address: with a prefix of five characters it makes a name of 127, the most that Key Vault takes. */
export const addressKeyMaxLength = 122;

/**
 * Encodes an address as a name that vaults and tables take: every byte other than a–z and 0–9 becomes `-` and two hex
 * digits. Different addresses have different names.
 */
export function encodeAddress(user: SipUri): string {
  return [...Buffer.from(user.slice('sip:'.length), 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9]/.test(character) ? character : `-${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
