/** The letters of base32, in lower case: https://www.rfc-editor.org/rfc/rfc4648#section-6 */
const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** 26 letters of five bits hold 130 bits: no two contents share them. */
const nameLength = 26;

/**
 * Returns a name that stands for content: a prefix and 26 base32 letters of its SHA-256. The same content has the same
 * name, so what is sent twice is one batch.
 */
export function nameOfHash(prefix: string, hash: Uint8Array): string {
  return prefix + base32(hash).slice(0, nameLength);
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{5}/g) ?? [];
  return groups.map((group) => letters[Number.parseInt(group, 2)]).join('');
}
