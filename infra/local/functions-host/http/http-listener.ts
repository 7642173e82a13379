import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpFunction } from '../app/function-definition.ts';
import { calledByHost, type Invoke } from '../app/invocation.ts';
import { describeError, type LogSink } from '../runtime/log.ts';
import type { WorkTracker } from '../runtime/work-tracker.ts';
import { type RunTimer, runFromAdmin } from './admin.ts';
import { bodyLimitBytes, type RequestTarget, readBody, toHttpData } from './http-request.ts';
import { sendBare, sendResponse } from './http-response.ts';
import { decodePath, type RouteMatch, RouteTable } from './route-table.ts';

// As in Kestrel, so that callers who keep connections alive do not lose them earlier than in Azure.
const keepAliveMs = 130_000;

/** What the listener serves once the app is loaded. */
export interface Served {
  readonly functions: readonly HttpFunction[];
  readonly routePrefix: string;
  readonly invoke: Invoke;
  readonly runTimer: RunTimer;
}

/**
 * The HTTP side of the host, on loopback only and therefore without function keys: a function of any auth level may be
 * called. Returns 503 until `serve` is called.
 */
export class HttpListener {
  readonly #server: Server;
  readonly #tracker: WorkTracker;
  readonly #log: LogSink;
  #routes: RouteTable<HttpFunction> | undefined;
  #served: Served | undefined;

  constructor(options: { tracker: WorkTracker; log: LogSink }) {
    this.#tracker = options.tracker;
    this.#log = options.log;
    this.#server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
      this.#tracker.track(this.#respond(request, response));
    });
  }

  /** Listens and returns the port. Rejects with Node's `EADDRINUSE` error, which has the port, when it is in use. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
    return address.port;
  }

  /** Begins to serve these functions, and logs a warning for routes that Azure would match in another order. */
  serve(served: Served): void {
    const { functions, routePrefix } = served;
    this.#routes = new RouteTable(
      functions.map((target) => ({ ...target, template: prefixRoute(routePrefix, target.route), target })),
    );
    this.#served = served;
    for (const [here, inAzure] of this.#routes.ambiguities) {
      const message = `The routes of "${here}" and "${inAzure}" overlap: Azure calls "${inAzure}" first, this host "${here}".`;
      this.#log({ level: 'warning', category: 'Host.Http', message });
    }
  }

  /** Refuses further requests; those in progress may still finish. */
  stopAccepting(): void {
    this.#routes = undefined;
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Closes every connection, with or without a response. */
  close(): void {
    this.#server.closeAllConnections();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#dispatch(request, response);
    } catch (error) {
      // Without the query, where a caller may have put a function key.
      const [path] = (request.url ?? '/').split('?', 1);
      const message = `${request.method} ${path}: ${describeError(error)}`;
      this.#log({ level: 'error', category: 'Host.Http', message });
      if (response.headersSent) response.destroy();
      else sendBare(response, 500);
    }
    // Resolves when the response has been sent, so that a shutdown does not cut it off.
    if (!response.writableFinished && !response.destroyed) await once(response, 'close');
  }

  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#routes || !this.#served) {
      response.setHeader('connection', 'close');
      return sendBare(response, 503);
    }
    const target = readTarget(request.url ?? '/');
    const match = this.#routes.match(request.method ?? '', target.path);
    if (match) return this.#call(match, this.#served.invoke, request, response, target);
    request.resume();
    return sendBare(response, runFromAdmin(request.method, target.path, this.#served.runTimer));
  }

  async #call(
    { target: definition, parameters }: RouteMatch<HttpFunction>,
    invoke: Invoke,
    request: IncomingMessage,
    response: ServerResponse,
    target: RequestTarget,
  ): Promise<void> {
    if (Number(request.headers['content-length']) > bodyLimitBytes) return refuseBody(response);
    const body = await readBody(request);
    if (!body && request.headers['transfer-encoding']) this.#warnOfChunks(definition.name);
    const outcome = await invoke(definition, {
      data: { http: toHttpData(request, target, parameters, body) },
      traceParent: request.headers['traceparent']?.toString(),
      traceState: request.headers['tracestate']?.toString(),
      reason: calledByHost,
    });
    if (outcome.succeeded) sendResponse(response, outcome.http);
    else sendBare(response, 500);
  }

  #warnOfChunks(functionName: string): void {
    const message = `The body for "${functionName}" came in chunks, without Content-Length: as in Azure, the function does not get it.`;
    this.#log({ level: 'warning', category: 'Host.Http', message, functionName });
  }
}

/** Returns a function's route as callers use it. */
export function prefixRoute(routePrefix: string, route: string): string {
  return routePrefix ? `${routePrefix}/${route}` : route;
}

function readTarget(url: string): RequestTarget {
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const search = queryAt < 0 ? '' : url.slice(queryAt);
  return { path: decodePath(path), search, query: new URLSearchParams(search) };
}

// The rest of the body is not read, so that the connection cannot serve another request.
function refuseBody(response: ServerResponse): void {
  response.setHeader('connection', 'close');
  sendBare(response, 413);
}
