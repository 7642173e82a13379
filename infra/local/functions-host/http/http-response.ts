import type { ServerResponse } from 'node:http';
import type { CookieData, HttpResponseData } from '../app/programming-model.ts';

// The connection is ours, and so is the framing of the body.
const ownHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

/** Answers with a status and nothing else. */
export function answerBare(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 204 ? {} : { 'content-length': 0 });
  response.end();
}

/** Writes what a function answered; a function that returned nothing is answered with 204. */
export function writeResponse(response: ServerResponse, answer: HttpResponseData | undefined): void {
  if (!answer) {
    answerBare(response, 204);
    return;
  }
  const status = Number(answer.statusCode);
  for (const [name, value] of Object.entries(answer.headers)) {
    if (!ownHeaders.has(name)) response.setHeader(name, value);
  }
  for (const cookie of answer.cookies) response.appendHeader('set-cookie', formatCookie(cookie));
  const body = answer.body?.bytes;
  if (status !== 204 && status !== 304) response.setHeader('content-length', body?.byteLength ?? 0);
  response.writeHead(status);
  response.end(body);
}

const sameSites = { none: undefined, lax: 'lax', strict: 'strict', explicitNone: 'none' };

// As ASP.NET Core writes cookies: the value escaped, the path of the whole site unless told otherwise.
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
    .filter((part) => part !== undefined)
    .join('; ');
}
