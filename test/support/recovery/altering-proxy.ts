import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { type HttpServer, serve } from '../ucwa/http-server.ts';

/** An answer of the simulator, before it is passed on. */
export interface PassingAnswer {
  readonly line: string;
  readonly hasToken: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Bend = (answer: PassingAnswer) => PassingAnswer;

const keptRequestHeaders = ['authorization', 'content-type', 'accept'];
const keptHeaders = ['content-type', 'www-authenticate', 'location'];

/**
 * Stands before a simulator of one pool, whose links are honest, as discovery and pool in one, and bends its answers.
 */
export function serveBent(simulator: UcwaSimulator, bend: Bend): Promise<HttpServer> {
  return serve((request, response) => void passOn(simulator, bend, request, response));
}

async function passOn(
  simulator: UcwaSimulator,
  bend: Bend,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = bend(await ask(simulator, request));
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}

async function ask(simulator: UcwaSimulator, request: IncomingMessage): Promise<PassingAnswer> {
  const { method = 'GET', url = '/', headers } = request;
  const body = await textOf(request);
  const target = url === '/' ? simulator.discoveryUrl : simulator.poolUrl() + url;
  const answer = await fetch(target, {
    method,
    headers: keptRequestHeaders.flatMap((name): [string, string][] => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
    redirect: 'manual',
    ...(body === '' ? {} : { body }),
  });
  const here = `http://${headers.host}`;
  const own = (text: string) =>
    text.replaceAll(simulator.poolUrl(), here).replaceAll(simulator.discoveryUrl, `${here}/`);
  return {
    line: `${method} ${url}`,
    hasToken: headers.authorization !== undefined,
    status: answer.status,
    headers: Object.fromEntries(
      keptHeaders.flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, own(value)]];
      }),
    ),
    body: own(await answer.text()),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Lets every link of a relation lead elsewhere. */
export function bendLink(rel: string, href: (honest: string) => string): Bend {
  return (answer) => {
    if (!answer.headers['content-type']?.includes('json')) return answer;
    const body: unknown = JSON.parse(answer.body, (key, value) =>
      key === '_links' && value[rel] !== undefined
        ? { ...value, [rel]: { href: href(value[rel].href) } }
        : value,
    );
    return { ...answer, body: JSON.stringify(body) };
  };
}
