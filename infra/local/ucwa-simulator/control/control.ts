import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { readBody } from '../server/listener.ts';
import type { Listener } from '../server/origin-server.ts';
import type { ControlledSimulator } from './controlled-simulator.ts';
import * as schemas from './schemas.ts';
import { sendStates } from './states.ts';

/** A control request. */
interface Call {
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The part of the path at `{name}`. */
  readonly name: string;
}

type Control = (simulator: ControlledSimulator, call: Call) => unknown;

/** The longest body, in bytes, that the control API reads: enough for a hundred thousand users. */
const longestBody = 64 * 1024 * 1024;

const statesRoute = 'GET /control/states';

/** Each returns the value of a JSON response, or undefined for 204. */
const controls: Readonly<Record<string, Control>> = {
  'GET /control/state': (simulator, { query }) => simulator.state(z.string().parse(query.get('user'))),
  'GET /control/requests': (simulator, { query }) => ({
    counts: simulator.countsByStep(),
    operations: simulator.countsByOperation(),
    ...(query.get('list') === 'true' ? { requests: simulator.requests } : {}),
  }),
  'DELETE /control/requests': (simulator) => simulator.clearRequests(),
  'POST /control/faults': (simulator, { body }) => simulator.fail(schemas.faultSchema.parse(body)),
  'DELETE /control/faults': (simulator) => simulator.clearFaults(),
  'POST /control/variants': (simulator, { body }) =>
    simulator.setVariants(schemas.variantsSchema.parse(body)),
  'POST /control/latency': (simulator, { body }) =>
    simulator.setLatency(schemas.latencySchema.parse(body).ms),
  'POST /control/capacity': (simulator, { body }) =>
    simulator.setCapacity(schemas.capacitySchema.parse(body).requests ?? undefined),
  'POST /control/users': (simulator, { body }) => simulator.addUsers(schemas.usersSchema.parse(body).users),
  'POST /control/pools/{name}/stop': (simulator, { name }) => simulator.stopPool(name),
  'POST /control/pools/{name}/start': (simulator, { name }) => simulator.startPool(name),
  'GET /control/summary': (simulator) => ({
    ...simulator.totals(),
    lockouts: simulator.lockouts,
    requestsByStep: simulator.countsByStep(),
  }),
};

/** Every route of the control API, as `METHOD /path`. */
export const controlRoutes: readonly string[] = [...Object.keys(controls), statesRoute];

/** Makes a listener that serves the control API below `/control/` and leaves all other requests to `next`. */
export function controlListener(simulator: ControlledSimulator, next: Listener): Listener {
  return (request, response) => {
    if (!request.url?.startsWith('/control/')) return next(request, response);
    const url = new URL(request.url, 'http://control');
    if (`${request.method} ${url.pathname}` === statesRoute) return sendStates(simulator, response);
    readBody(request, (body) => void control(simulator, request, url, body, response), longestBody);
  };
}

async function control(
  simulator: ControlledSimulator,
  request: IncomingMessage,
  url: URL,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const [, , , pool] = url.pathname.split('/');
  const path = url.pathname.replace(/^(\/control\/pools\/)[^/]+/, '$1{name}');
  const operation = controls[`${request.method} ${path}`];
  if (!operation) {
    return send(response, 404, { error: `The control API has no ${request.method} ${url.pathname}.` });
  }
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

/** Describes what is invalid in a control request. */
function explain(error: unknown): object {
  if (!(error instanceof z.ZodError)) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const issues = error.issues.map(({ path, message }) => ({
    pointer: path.map((key) => `/${String(key)}`).join(''),
    detail: message,
  }));
  return { error: 'The request is not valid; see issues.', issues };
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
