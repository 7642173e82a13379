import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';

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
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('{')) return parseJsonBody(text);
  if (/^(?:<\?xml[^>]*>\s*)?<reason[\s>]/.test(start)) return parseXmlBody(start);
  return undefined;
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

function element(text: string, name: 'code' | 'subcode'): string | undefined {
  return new RegExp(`<${name}>\\s*([A-Za-z][A-Za-z0-9_.-]{0,99})\\s*</${name}>`).exec(text)?.[1];
}
