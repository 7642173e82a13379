import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readBody } from '../server/listener.ts';
import type { Listener } from '../server/origin-server.ts';
import type { UcwaSimulator } from '../simulator.ts';
import * as schemas from './schemas.ts';
import { sendStates } from './states.ts';

/** What a control request says. */
interface Call {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The part of the path in the place of `{name}`. */
  readonly name: string;
}

type Control = (simulator: UcwaSimulator, call: Call) => unknown;

/** The longest body that the control API reads: room for a hundred thousand users. */
const longestBody = 64 * 1024 * 1024;

/** What each answers is JSON; nothing is 204. */
const controls: Readonly<Record<string, Control>> = {
  'GET /control/state': (simulator, { query }) => simulator.state(z.string().parse(query.get('user'))),
  'GET /control/requests': (simulator, { query }) => ({
    counts: simulator.countsByStep(),
    ...(query.get('list') === 'true' ? { requests: simulator.requests } : {}),
  }),
  'DELETE /control/requests': (simulator) => simulator.clearRequests(),
  'POST /control/faults': (simulator, { body }) => simulator.fail(schemas.faultBody.parse(body)),
  'DELETE /control/faults': (simulator) => simulator.clearFaults(),
  'POST /control/variants': (simulator, { body }) => simulator.setVariants(schemas.variantsBody.parse(body)),
  'POST /control/latency': (simulator, { body }) => simulator.setLatency(schemas.latencyBody.parse(body).ms),
  'POST /control/capacity': (simulator, { body }) =>
    simulator.setCapacity(schemas.capacityBody.parse(body).requests ?? undefined),
  'POST /control/users': (simulator, { body }) => simulator.addUsers(schemas.usersBody.parse(body).users),
  'POST /control/pools/{name}/stop': (simulator, { name }) => simulator.stopPool(name),
  'POST /control/pools/{name}/start': (simulator, { name }) => simulator.startPool(name),
  'GET /control/summary': (simulator) => ({
    ...simulator.totals(),
    lockouts: simulator.lockouts,
    requestsByStep: simulator.countsByStep(),
  }),
};

/** Answers what begins with `/control/` and leaves the rest to `next`. */
export function controlListener(simulator: UcwaSimulator, next: Listener): Listener {
  return (request, response) => {
    if (!request.url?.startsWith('/control/')) return next(request, response);
    const url = new URL(request.url, 'http://control');
    if (request.method === 'GET' && url.pathname === '/control/states') {
      return sendStates(simulator, response);
    }
    readBody(request, (body) => void control(simulator, request, url, body, response), longestBody);
  };
}

async function control(
  simulator: UcwaSimulator,
  request: IncomingMessage,
  url: URL,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const [, , , pool] = url.pathname.split('/');
  const path = url.pathname.replace(/^(\/control\/pools\/)[^/]+/, '$1{name}');
  const operation = controls[`${request.method} ${path}`];
  if (!operation) return send(response, 404, { error: `There is no ${request.method} ${url.pathname}.` });
  try {
    const call = { query: url.searchParams, body: parseJson(body), name: decodeURIComponent(pool ?? '') };
    const result = await operation(simulator, call);
    send(response, result === undefined ? 204 : 200, result);
  } catch (error) {
    send(response, 400, explain(error));
  }
}

function parseJson(body: string): unknown {
  return body === '' ? undefined : JSON.parse(body);
}

/** Names what is wrong with a control request. */
function explain(error: unknown): object {
  if (!(error instanceof z.ZodError)) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const issues = error.issues.map(({ path, message }) => ({
    pointer: path.map((part) => `/${String(part)}`).join(''),
    detail: message,
  }));
  return { error: 'The request is not as it should be.', issues };
}

function send(response: ServerResponse, status: number, value: unknown): void {
  if (value === undefined) {
    response.writeHead(status, { 'Content-Length': '0' }).end();
    return;
  }
  const body = Buffer.from(JSON.stringify(value));
  const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
  response.writeHead(status, headers).end(body);
}
