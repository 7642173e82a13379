import * as z from 'zod';
import { parseJson } from '../../runtime/json.ts';

/** What UCWA says of an error, as far as decisions and people need it; free text is left out, it may hold numbers. */
export interface ErrorBody {
  readonly code: string;
  readonly subcode: string | undefined;
}

/** A code is one word. Anything else might be what we sent, given back, and must not reach an error. */
export const codeWord = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,99}$/);

const jsonForm = z.object({
  code: codeWord,
  subcode: codeWord.nullish().catch(undefined),
});

/**
 * Reads UCWA's error body, as JSON or XML. Answers undefined for anything else, such as a proxy's page.
 * https://learn.microsoft.com/skype-sdk/ucwa/genericsynchronouserrors
 */
export function parseErrorBody(text: string): ErrorBody | undefined {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (start.startsWith('{')) return parseJsonBody(text);
  if (/^(?:<\?xml[^>]*>\s*)?<reason[\s>]/.test(start)) return parseXmlBody(start);
  return undefined;
}

function parseJsonBody(text: string): ErrorBody | undefined {
  const body = jsonForm.safeParse(parseJson(text));
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
