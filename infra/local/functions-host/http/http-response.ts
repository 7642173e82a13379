import type { ServerResponse } from 'node:http';
import type { CookieData, HttpResponseData } from '../app/programming-model.ts';

// The host decides about the connection and the framing of the body.
const ownHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

/** Sends a status without headers or body. */
export function sendBare(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { 'content-length': 0 });
  response.end();
}

/** Sends the response of a function; 204 for a function that returned nothing. */
export function sendResponse(response: ServerResponse, returned: HttpResponseData | undefined): void {
  if (!returned) {
    sendBare(response, 204);
    return;
  }
  const status = Number(returned.statusCode);
  for (const [name, value] of Object.entries(returned.headers)) {
    if (!ownHeaders.has(name)) response.setHeader(name, value);
  }
  for (const cookie of returned.cookies) response.appendHeader('set-cookie', formatCookie(cookie));
  const body = returned.body?.bytes;
  if (status !== 204 && status !== 304) response.setHeader('content-length', body?.byteLength ?? 0);
  response.writeHead(status);
  response.end(body);
}

const sameSites = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' };

// As ASP.NET Core writes cookies: the value escaped, the path `/` by default.
function formatCookie(cookie: CookieData): string {
  const expires = cookie.expires?.value?.seconds;
  const maxAge = cookie.maxAge?.value;
  const sameSite = sameSites[cookie.sameSite ?? 'none'];
  return [
    `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`,
    expires == null ? undefined : `expires=${new Date(expires * 1000).toUTCString()}`,
    maxAge == null ? undefined : `max-age=${Math.trunc(maxAge)}`,
    cookie.domain?.value ? `domain=${cookie.domain.value}` : undefined,
    `path=${cookie.path?.value || '/'}`,
    cookie.secure?.value ? 'secure' : undefined,
    sameSite ? `samesite=${sameSite}` : undefined,
    cookie.httpOnly?.value ? 'httponly' : undefined,
  ]
    .filter((attribute) => attribute !== undefined)
    .join('; ');
}
