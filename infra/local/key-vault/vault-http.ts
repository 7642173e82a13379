import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Answer } from './vault-answers.ts';

/** A parsed request to the vault; `body` is undefined unless it is JSON. */
export type VaultRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

/** Reads and parses a request. */
export async function readRequest(request: IncomingMessage): Promise<VaultRequest> {
  const url = new URL(request.url ?? '/', 'https://127.0.0.1');
  const body = parseJson(await text(request));
  return { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, body };
}

/** Sends a response. */
export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8', ...answer.headers });
  response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
}

function parseJson(content: string): unknown {
  try {
    return content === '' ? undefined : JSON.parse(content);
  } catch {
    return undefined;
  }
}
