import { parseJson } from '../../runtime/json.ts';

/**
 * Decodes the content of a message: plain JSON, base64 of it, or the value that the host parsed from JSON. Returns
 * undefined where it is none of these. Takes time in proportion to the content's length, whatever it is.
 */
export function decodeContent(content: unknown): unknown {
  return typeof content === 'string' ? decodeText(content) : content;
}

function decodeText(text: string): unknown {
  const plain = parseJson(text);
  if (plain !== undefined && typeof plain !== 'string') return plain;
  const encoded = typeof plain === 'string' ? plain : text;
  return isBase64(encoded) ? parseJson(Buffer.from(encoded, 'base64').toString('utf8')) : undefined;
}

/** One class of characters before the padding: with blanks in two places an engine would try each split of a run of them. */
function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/\s]+={0,2}$/.test(text.trimEnd());
}
