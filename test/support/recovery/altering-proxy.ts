import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { type HttpServer, serve } from '../ucwa/http-server.ts';

/** A response of the simulator, with what matters of its request. */
export interface ProxiedResponse {
  /** Method and path of the request. */
  readonly line: string;
  /** True where the request carried a token. */
  readonly hasToken: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Alteration = (response: ProxiedResponse) => ProxiedResponse;

const keptRequestHeaders = ['authorization', 'content-type', 'accept'];
const keptResponseHeaders = ['content-type', 'www-authenticate', 'location'];

/**
 * Starts a proxy in front of a simulator of one pool and alters its responses. The proxy is discovery and pool at one
 * origin: links to the simulator lead to the proxy.
 */
export function startAlteringProxy(simulator: UcwaSimulator, alter: Alteration): Promise<HttpServer> {
  return serve((request, response) => void forward(simulator, alter, request, response));
}

async function forward(
  simulator: UcwaSimulator,
  alter: Alteration,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, headers, body } = alter(await fetchFrom(simulator, request));
  response.writeHead(status, headers);
  response.end(body);
}

async function fetchFrom(simulator: UcwaSimulator, request: IncomingMessage): Promise<ProxiedResponse> {
  const { method = 'GET', url = '/', headers } = request;
  const body = await readBody(request);
  const target = url === '/' ? simulator.discoveryUrl : simulator.poolUrl() + url;
  const response = await fetch(target, {
    method,
    headers: keptRequestHeaders.flatMap((name): [string, string][] => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
    redirect: 'manual',
    ...(body === '' ? {} : { body }),
  });
  const origin = `http://${headers.host}`;
  const redirectLinks = (text: string) =>
    text.replaceAll(simulator.poolUrl(), origin).replaceAll(simulator.discoveryUrl, `${origin}/`);
  return {
    line: `${method} ${url}`,
    hasToken: headers.authorization !== undefined,
    status: response.status,
    headers: Object.fromEntries(
      keptResponseHeaders.flatMap((name) => {
        const value = response.headers.get(name);
        return value === null ? [] : [[name, redirectLinks(value)]];
      }),
    ),
    body: redirectLinks(await response.text()),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Replaces the href of every link with a relation. */
export function alterLink(rel: string, replaceHref: (href: string) => string): Alteration {
  return (response) => {
    if (!response.headers['content-type']?.includes('json')) return response;
    const body: unknown = JSON.parse(response.body, (key, value) =>
      key === '_links' && value[rel] !== undefined
        ? { ...value, [rel]: { href: replaceHref(value[rel].href) } }
        : value,
    );
    return { ...response, body: JSON.stringify(body) };
  };
}
