import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** A parsed request to the emulator; `form` is empty unless the body is a form. */
export type EntraRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly origin: string | undefined;
};

/** A response: JSON, a page, or a redirect. */
export type EntraAnswer =
  | { readonly status: number; readonly body: object }
  | { readonly status: number; readonly page: string }
  | { readonly location: string };

/** Reads and parses a request. */
export async function readRequest(request: IncomingMessage): Promise<EntraRequest> {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1');
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    form: new URLSearchParams(await text(request)),
    origin: request.headers.origin,
  };
}

/** Sends a response. Browsers may read it from any origin, since the emulator serves on loopback only. */
export function send(response: ServerResponse, answer: EntraAnswer, origin: string | undefined): void {
  const headers = {
    'cache-control': 'no-store',
    ...(origin === undefined
      ? {}
      : { 'access-control-allow-origin': origin, 'access-control-allow-headers': '*' }),
  };
  if ('location' in answer) {
    response.writeHead(302, { ...headers, location: answer.location }).end();
  } else if ('page' in answer) {
    response
      .writeHead(answer.status, { ...headers, 'content-type': 'text/html; charset=utf-8' })
      .end(answer.page);
  } else {
    response.writeHead(answer.status, { ...headers, 'content-type': 'application/json; charset=utf-8' });
    response.end(JSON.stringify(answer.body));
  }
}

/** Returns an error as the token endpoint of Entra ID words it. */
export function oauthError(error: string, code: number, description: string, status = 400): EntraAnswer {
  return {
    status,
    body: { error, error_description: `AADSTS${code}: ${description}`, error_codes: [code] },
  };
}
