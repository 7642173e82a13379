import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { correlationHeader } from './correlation.ts';

/** A request for a file of the page. */
interface PageCall {
  readonly request: HttpRequest;
  readonly correlationId: string;
}

/** A file of a page. */
export interface PageFile {
  readonly content: Uint8Array;
  readonly type: string;
}

const compress = promisify(gzip);

/**
 * What the page may do: load its own script and style sheet, and talk to the functions that served it. The style sheet has
 * its pictures as `data:`. Nothing inline runs, nothing can be framed or posted elsewhere, and no text becomes markup.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
};

/** Returns the page itself, which is asked for each time: it names the newest files. */
export async function pageResponse(call: PageCall, file: PageFile): Promise<HttpResponseInit> {
  return await fileResponse(call, file, 'no-cache');
}

/** Returns a file whose name changes with its content, so that it may be kept. */
export async function assetResponse(call: PageCall, file: PageFile): Promise<HttpResponseInit> {
  return await fileResponse(call, file, 'public, max-age=31536000, immutable');
}

async function fileResponse(
  { request, correlationId }: PageCall,
  { content, type }: PageFile,
  caching: string,
): Promise<HttpResponseInit> {
  const isCompressed = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  return {
    status: 200,
    headers: {
      ...headers,
      [correlationHeader]: correlationId,
      'content-type': type,
      'cache-control': caching,
      ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
    },
    body: isCompressed ? await compress(content) : content,
  };
}
