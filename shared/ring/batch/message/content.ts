import { parseJson } from '../../../runtime/json.ts';
import { describeJsonError } from '../../../runtime/json-error.ts';
import { failed, type Result, success } from '../../../runtime/result.ts';
import { decodeBytes } from './content-bytes.ts';

/** The value that a message holds, or a sentence that says which decoding failed and where. It repeats no word of the sender. */
export type Decoded = Result<unknown, string>;

/** What is wrapped around the JSON of a message, from the outside. */
type Wrapping = 'base64' | 'a JSON string';

/** The most wrappings that are taken off: base64 of base64, either of them in quotes. */
const mostWrappings = 3;

const advice = 'Send a JSON object, plain or in base64 of UTF-8.';

/**
 * Decodes the content of a message: plain JSON, a JSON string that holds JSON, or base64 (base64url) of these or of base64
 * again, in UTF-8 or, with a byte order mark, UTF-16; or the value that the host parsed from JSON. Takes time in proportion
 * to the content's length, whatever it is.
 */
export function decodeContent(content: unknown): Decoded {
  return typeof content === 'string' ? decodeText(content, []) : success(content);
}

function decodeText(text: string, wrappings: readonly Wrapping[]): Decoded {
  const value = parseJson(text);
  if (value !== undefined && typeof value !== 'string') return success(value);
  if (wrappings.length >= mostWrappings) return refused(wrappings, 'is wrapped too often');
  if (value !== undefined) return decodeText(value, [...wrappings, 'a JSON string']);
  if (text.trim() === '') return refused(wrappings, 'is empty');
  const noJson = `is not JSON (${describeJsonError(withoutMark(text))}${describeForm(withoutMark(text))})`;
  if (!isBase64(text)) return refused(wrappings, noJson);
  const decoded = decodeBase64(text);
  return decoded.ok
    ? decodeText(decoded.value, [...wrappings, 'base64'])
    : refused(wrappings, `${noJson}, nor base64 of UTF-8: as base64 it ${decoded.error}`);
}

function refused(wrappings: readonly Wrapping[], reason: string): Decoded {
  const within = wrappings.map((wrapping) => `${wrapping} of `).join('');
  const subject = within === '' ? 'The message' : `The message is ${within}text, and that text`;
  return failed(`${subject} ${reason}. ${advice}`);
}

/** One class of characters before the padding: with blanks in two places an engine would try each split of a run of them. */
function isBase64(text: string): boolean {
  return /^[\w+/\s-]+={0,2}$/.test(text.trimEnd());
}

/** Decodes base64 or base64url, with or without padding; an error completes the sentence "as base64 it …". */
function decodeBase64(text: string): Result<string, string> {
  const characters = text.replace(/[\s=]+/g, '').length;
  return characters % 4 === 1
    ? failed(`is cut short after ${characters} characters`)
    : decodeBytes(Buffer.from(text, 'base64'));
}

/** Says which other form a text seems to have, by the class of its first characters. Repeats nothing of the sender. */
function describeForm(text: string): string {
  if (/^\s*</.test(text)) return '; it begins with `<`, as XML and HTML do';
  return /^\s*["\w][^{}[\]:,;\t\r\n]*[,;\t][^\r\n]*\r?\n/.test(text) ? '; its first line looks like CSV' : '';
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
