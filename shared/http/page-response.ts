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
  /** The content, compressed by the build. */
  readonly brotli?: Uint8Array | undefined;
}

/** The tenant at which people sign in to the page, and the application that they sign in to. Nothing of it is secret. */
export interface PageTenant {
  readonly tenantId: string;
  readonly clientId: string;
  /** An origin. */
  readonly authority: string;
  readonly sipClaim: string | undefined;
}

const compress = promisify(gzip);

/**
 * What the page may do: load its own scripts and style sheet, and talk to the functions that served it, and to the tenant where
 * people sign in. The style sheet has its pictures as `data:`. Nothing inline runs, nothing can be framed or posted elsewhere, and no text becomes markup.
 * https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
 */
function policyOf(tenant: PageTenant | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self'${tenant === undefined ? '' : ` ${tenant.authority}`}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

const headers = {
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
};

/** Pages are asked for each time: they name the newest files. */
const notKept = 'no-cache';

/** Returns the console itself, which tells its script how people sign in. The windows that it opens may answer it. */
export async function pageResponse(
  call: PageCall,
  { content, type }: PageFile,
  tenant: PageTenant | undefined,
): Promise<HttpResponseInit> {
  const page = Buffer.from(content).toString('utf8').replace('{{sign-in}}', signInOf(tenant));
  return await fileResponse(
    call,
    { type, content: Buffer.from(page) },
    {
      'content-security-policy': policyOf(tenant),
      'cross-origin-opener-policy': tenant === undefined ? 'same-origin' : 'same-origin-allow-popups',
      'cache-control': notKept,
    },
  );
}

/** Where there is no tenant, a person gives a function key. The text has no character that HTML reads. */
function signInOf(tenant: PageTenant | undefined): string {
  if (tenant === undefined) return 'key';
  const { tenantId, clientId, authority, sipClaim } = tenant;
  return encodeURIComponent(JSON.stringify({ tenantId, clientId, authority, sipClaim }));
}

/** Returns the page at which a sign-in ends. An opener policy would cut it off from the page that waits for it. */
export async function signedInResponse(call: PageCall, file: PageFile): Promise<HttpResponseInit> {
  return await fileResponse(call, file, {
    'content-security-policy': policyOf(undefined),
    'cache-control': notKept,
  });
}

/** Returns a file whose name changes with its content, so that it may be kept. */
export async function assetResponse(call: PageCall, file: PageFile): Promise<HttpResponseInit> {
  return await fileResponse(call, file, {
    'content-security-policy': policyOf(undefined),
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': 'public, max-age=31536000, immutable',
  });
}

async function fileResponse(
  { request, correlationId }: PageCall,
  file: PageFile,
  more: Readonly<Record<string, string>>,
): Promise<HttpResponseInit> {
  const { encoding, body } = await encodedBody(request.headers.get('accept-encoding') ?? '', file);
  return {
    status: 200,
    headers: {
      ...headers,
      ...more,
      [correlationHeader]: correlationId,
      'content-type': file.type,
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    },
    body,
  };
}

async function encodedBody(
  accepted: string,
  { content, brotli }: PageFile,
): Promise<{ readonly encoding?: 'br' | 'gzip'; readonly body: Uint8Array }> {
  if (brotli !== undefined && /\bbr\b/.test(accepted)) return { encoding: 'br', body: brotli };
  return /\bgzip\b/.test(accepted) ? { encoding: 'gzip', body: await compress(content) } : { body: content };
}
