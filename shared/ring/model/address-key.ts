import type { SipUri } from '../../ucwa/uri.ts';

/** The most characters in the name of a Key Vault secret. */
export const secretNameMaxLength = 127;

/**
 * The name of a person's secret: `ucwa-` and the address with every byte but a–z and 0–9 as `-` and two hex digits.
 */
export function secretName(user: SipUri): string {
  return `ucwa-${encodeAddress(user)}`;
}

/** An address as a name that vaults and tables take. */
export function encodeAddress(user: SipUri): string {
  return [...Buffer.from(user.slice('sip:'.length), 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9]/.test(character) ? character : `-${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
