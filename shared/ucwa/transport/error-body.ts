import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';
import { subcode as subcodes, tokenError } from '../vocabulary.ts';
import { holdsSecret } from './mask.ts';
import type { SentSecrets } from './secrets.ts';

/** UCWA's code and subcode for an error. Its free text is left out, since it may hold phone numbers. */
export interface ErrorBody {
  readonly code: string;
  readonly subcode: string | undefined;
}

/** A code is a single word. Anything else may be an echo of what we sent, and must not get into an error. */
export const codeWord = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/);

const jsonSchema = z.object({
  code: codeWord,
  subcode: codeWord.nullish().catch(undefined),
});

/**
 * Parses UCWA's error body, in JSON or XML. Returns undefined for anything else, such as the page of a proxy.
 * https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
export function parseErrorBody(text: string): ErrorBody | undefined {
  const form = formOf(text);
  if (form === 'json') return parseJsonBody(text);
  return form === 'xml' ? parseXmlBody(text) : undefined;
}

/** Hides a code that is an echo of what the session sent. The words that decide about recovery are no secret. */
export function withoutSecrets({ code, subcode }: ErrorBody, secrets: SentSecrets | undefined): ErrorBody {
  const shown = (word: string) => (!knownWords.has(word) && holdsSecret(word, secrets) ? 'withheld' : word);
  return { code: shown(code), subcode: subcode === undefined ? undefined : shown(subcode) };
}

const knownWords: ReadonlySet<string> = new Set([...Object.values(subcodes), ...Object.values(tokenError)]);

/** Tells by its beginning the form in which a text holds an error of UCWA, whole or cut off; `other` if it holds none. */
export function formOf(text: string): 'json' | 'xml' | 'other' {
  const start = afterByteOrderMark(text);
  if (/^[{["]/.test(start)) return 'json';
  const root = start.startsWith('<?xml') ? start.slice(start.indexOf('>') + 1).trimStart() : start;
  return /^<reason[\s>]/.test(root) ? 'xml' : 'other';
}

/** Tells whether a text is a page, as browsers show it: UCWA itself sends none, so something in front of it did. */
export function isPage(text: string): boolean {
  return afterByteOrderMark(text).startsWith('<') && formOf(text) === 'other';
}

function afterByteOrderMark(text: string): string {
  return (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text).trimStart();
}

function parseJsonBody(text: string): ErrorBody | undefined {
  const body = jsonSchema.safeParse(parseJson(text));
  if (!body.success) return undefined;
  const { code, subcode } = body.data;
  return { code, subcode: subcode ?? undefined };
}

function parseXmlBody(text: string): ErrorBody | undefined {
  const code = element(text, 'code');
  if (code === undefined) return undefined;
  return { code, subcode: element(text, 'subcode') };
}

/** Returns the single word in the first element of a name; undefined if that element holds anything else. */
function element(text: string, name: 'code' | 'subcode'): string | undefined {
  const start = text.indexOf(`<${name}>`);
  const end = text.indexOf(`</${name}>`, start);
  if (start < 0 || end < 0) return undefined;
  const word = codeWord.safeParse(text.slice(start + name.length + 2, end).trim());
  return word.success ? word.data : undefined;
}
