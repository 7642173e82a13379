import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HttpFunction } from '../app/function-definition.ts';
import { calledByHost, type Invoke } from '../app/invocation.ts';
import { describeError, type LogSink } from '../runtime/log.ts';
import type { WorkTracker } from '../runtime/work-tracker.ts';
import { isAuthorized } from './function-keys.ts';
import { bodyLimitBytes, type RequestTarget, readBody, toHttpData } from './http-request.ts';
import { answerBare, writeResponse } from './http-response.ts';
import { decodePath, type RouteMatch, RouteTable } from './route-table.ts';

/** Answers requests under `/admin/`: with a status, or undefined where there is no such endpoint. */
export type Admin = (request: IncomingMessage, path: string) => Promise<number | undefined>;

// Kestrel's, so that callers who keep connections alive meet no sooner end than in Azure.
const keepAliveMs = 130_000;

/** The HTTP side of the host, on loopback only. It answers 503 until `serve` told it what to serve. */
export class HttpListener {
  readonly #server: Server;
  readonly #tracker: WorkTracker;
  readonly #log: LogSink;
  readonly #functionKeys: readonly string[] | undefined;
  #routes: RouteTable<HttpFunction> | undefined;
  #invoke: Invoke | undefined;
  #admin: Admin | undefined;

  constructor(options: { tracker: WorkTracker; log: LogSink; functionKeys: readonly string[] | undefined }) {
    this.#tracker = options.tracker;
    this.#log = options.log;
    this.#functionKeys = options.functionKeys;
    this.#server = createServer({ keepAliveTimeout: keepAliveMs }, (request, response) => {
      this.#tracker.track(this.#answer(request, response));
    });
  }

  /** Listens and answers the port; rejects with Node's `EADDRINUSE` error, which has the port, when it is taken. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The server has no TCP address.');
    return address.port;
  }

  /** Begins to serve these functions under the prefix. */
  serve(functions: readonly HttpFunction[], routePrefix: string, invoke: Invoke, admin: Admin): void {
    this.#routes = new RouteTable(
      functions.map((target) => ({ ...target, template: prefixRoute(routePrefix, target.route), target })),
    );
    this.#invoke = invoke;
    this.#admin = admin;
    for (const [here, inAzure] of this.#routes.ambiguities) {
      const message = `The routes of "${here}" and "${inAzure}" overlap: in Azure "${inAzure}" is tried first, here "${here}".`;
      this.#log({ level: 'warning', category: 'Host.Http', message });
    }
  }

  /** Takes no further request; what runs may still answer. */
  stopAccepting(): void {
    this.#routes = undefined;
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
  }

  /** Ends every connection, answered or not. */
  close(): void {
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#dispatch(request, response);
    } catch (error) {
      // Without the query, which may carry a function key.
      const [path] = (request.url ?? '/').split('?', 1);
      const message = `${request.method} ${path}: ${describeError(error)}`;
      this.#log({ level: 'error', category: 'Host.Http', message });
      if (response.headersSent) response.destroy();
      else answerBare(response, 500);
    }
    // Resolves when the answer is out, so that a shutdown does not cut it off.
    if (!response.writableFinished && !response.destroyed) await once(response, 'close');
  }

  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!this.#routes) {
      response.setHeader('connection', 'close');
      return answerBare(response, 503);
    }
    const target = readTarget(request.url ?? '/');
    const match = this.#routes.match(request.method ?? '', target.path);
    if (match) return this.#call(match, request, response, target);
    if (target.path.toLowerCase().startsWith('/admin/')) return this.#answerAdmin(request, response, target);
    request.resume();
    return answerBare(response, 404);
  }

  async #call(
    { target: definition, parameters }: RouteMatch<HttpFunction>,
    request: IncomingMessage,
    response: ServerResponse,
    target: RequestTarget,
  ): Promise<void> {
    const refusal = this.#refuse(definition.authLevel, request, target);
    if (refusal) return answerAndHangUp(request, response, refusal);
    const body = await readBody(request);
    if (!body && request.headers['transfer-encoding']) this.#warnOfChunks(definition.name);
    const outcome = await this.#invoke?.(definition, {
      data: { http: toHttpData(request, target, parameters, body) },
      traceParent: request.headers['traceparent']?.toString(),
      traceState: request.headers['tracestate']?.toString(),
      reason: calledByHost,
    });
    if (outcome?.succeeded) writeResponse(response, outcome.http);
    else answerBare(response, 500);
  }

  #refuse(authLevel: HttpFunction['authLevel'], request: IncomingMessage, { query }: RequestTarget) {
    if (!isAuthorized(authLevel, request, query, this.#functionKeys)) return 401;
    return Number(request.headers['content-length']) > bodyLimitBytes ? 413 : undefined;
  }

  async #answerAdmin(
    request: IncomingMessage,
    response: ServerResponse,
    target: RequestTarget,
  ): Promise<void> {
    const refusal = this.#refuse('admin', request, target);
    if (refusal) return answerAndHangUp(request, response, refusal);
    answerBare(response, (await this.#admin?.(request, target.path)) ?? 404);
    request.resume();
  }

  #warnOfChunks(functionName: string): void {
    const message = `The body for "${functionName}" came in chunks, without Content-Length: as in Azure, the function does not get it.`;
    this.#log({ level: 'warning', category: 'Host.Http', message, functionName });
  }
}

/** A function's route as callers see it. */
export function prefixRoute(routePrefix: string, route: string): string {
  return routePrefix ? `${routePrefix}/${route}` : route;
}

function readTarget(url: string): RequestTarget {
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const search = queryAt < 0 ? '' : url.slice(queryAt);
  return { path: decodePath(path), search, query: new URLSearchParams(search) };
}

// What the caller is still sending is not read, so the connection cannot serve another request.
function answerAndHangUp(request: IncomingMessage, response: ServerResponse, status: number): void {
  const hasBody = request.headers['transfer-encoding'] || Number(request.headers['content-length']) > 0;
  if (hasBody) response.setHeader('connection', 'close');
  answerBare(response, status);
}
