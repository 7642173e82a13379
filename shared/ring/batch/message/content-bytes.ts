import { isUtf8 } from 'node:buffer';
import { failed, type Result, success } from '../../../runtime/result.ts';

/**
 * Decodes bytes: UTF-8, or UTF-16 in either order of bytes where they begin with its byte order mark. Nothing is replaced:
 * other bytes are an error, which completes the sentence "it …".
 */
export function decodeBytes(bytes: Buffer): Result<string, string> {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return bytes.length % 2 === 0 ? decodeUtf16(Buffer.from(bytes).swap16()) : failed(oddLength);
  }
  if (bytes[0] === 0 || bytes[1] === 0) return failed('holds UTF-16 without a byte order mark');
  if (!isUtf8(bytes)) return failed(`holds bytes that are not UTF-8 (position ${notUtf8From(bytes)})`);
  return success(bytes.toString('utf8'));
}

const oddLength = 'holds UTF-16 of an odd number of bytes';

function decodeUtf16(bytes: Buffer): Result<string, string> {
  if (bytes.length % 2 !== 0) return failed(oddLength);
  const text = bytes.toString('utf16le');
  if (text.isWellFormed()) return success(text);
  return failed(`holds UTF-16 with half a character (position ${2 * text.search(/\p{Surrogate}/u)})`);
}

const replacement = Buffer.from('\ufffd');

/** Returns the position of the first byte that is not UTF-8: there decoding puts a replacement that is not in the bytes. */
function notUtf8From(bytes: Buffer): number {
  let position = 0;
  for (const text of bytes.toString('utf8').split('\ufffd')) {
    position += Buffer.byteLength(text);
    if (!bytes.subarray(position, position + replacement.length).equals(replacement)) break;
    position += replacement.length;
  }
  return position;
}
