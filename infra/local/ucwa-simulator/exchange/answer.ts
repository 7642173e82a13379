import type { Variants } from '../types.ts';

/** A response; a body has a content type, and without a body there is none. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly contentType?: string;
  readonly body?: string;
}

/** Makes a JSON response, with a byte order mark where the variant asks for one. */
export function jsonAnswer(
  status: number,
  value: unknown,
  variants: Variants,
  headers: Answer['headers'] = {},
): Answer {
  const text = JSON.stringify(value);
  const body = variants.byteOrderMark ? `\uFEFF${text}` : text;
  return { status, headers, contentType: 'application/json; charset=utf-8', body };
}

/** Makes an HTML page as IIS or a proxy returns it: it does not come from UCWA. */
export function htmlAnswer(status: number, title: string, headers: Answer['headers'] = {}): Answer {
  const head = `<head><meta charset="utf-8"><title>${status} - ${title}</title></head>`;
  const body = `<!DOCTYPE html>\r\n<html>${head}<body><h1>Server Error</h1><h2>${status} - ${title}</h2></body></html>`;
  return { status, headers, contentType: 'text/html', body };
}

export const noContent: Answer = { status: 204 };
