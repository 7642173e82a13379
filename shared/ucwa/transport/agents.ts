import { AsyncLocalStorage } from 'node:async_hooks';
import { type ClientRequest, type ClientRequestArgs, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { getCACertificates, TLSSocket } from 'node:tls';

type OnConnection = (error: Error | null, connection: Duplex) => void;

/**
 * The way of one request to its server. A request leaves once its connection is established, TLS included: before that
 * the server has seen nothing of it.
 */
export class Departure {
  #onLeave: () => void;
  #state: 'not-begun' | 'connecting' | 'left' = 'not-begun';

  /** `onLeave` is called once, when the request leaves. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  /** Runs `send`, which must make its request through an agent of {@link createAgents}. */
  follow<T>(send: () => Promise<T>): Promise<T> {
    return departures.run(this, send);
  }

  /**
   * Returns whether a request that failed may have left. One whose connection was never seen counts as having left, since
   * a password that was sent must not count as unsent.
   */
  mayHaveLeft(): boolean {
    if (this.#state === 'not-begun') this.#leave();
    return this.#state === 'left';
  }

  /** Notes the connection that the request will leave on. */
  noteNewConnection(connection: Duplex): void {
    this.#state = 'connecting';
    connection.once(connection instanceof TLSSocket ? 'secureConnect' : 'connect', () => this.#leave());
  }

  /** Notes that the request has left: on a connection that was kept, or since there is a response. */
  noteLeft(): void {
    this.#leave();
  }

  #leave(): void {
    if (this.#state === 'left') return;
    this.#state = 'left';
    this.#onLeave();
    // A kept connection remembers the departure that it was made for, so this must not remember the request.
    this.#onLeave = () => {};
  }
}

/** The departure of the request that is being made: agents learn of requests, but not on whose behalf. */
const departures = new AsyncLocalStorage<Departure>();

class WatchedHttpAgent extends HttpAgent {
  override createConnection(options: ClientRequestArgs, onConnection?: OnConnection) {
    const connection = super.createConnection(options, onConnection);
    if (connection) departures.getStore()?.noteNewConnection(connection);
    return connection;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    departures.getStore()?.noteLeft();
  }
}

class WatchedHttpsAgent extends HttpsAgent {
  override createConnection(options: RequestOptions, onConnection?: OnConnection) {
    const connection = super.createConnection(options, onConnection);
    if (connection) departures.getStore()?.noteNewConnection(connection);
    return connection;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    super.reuseSocket(socket, request);
    departures.getStore()?.noteLeft();
  }
}

/** Returns the agent for a request: one that keeps connections, or one that makes a new connection for each request. */
export function createAgents(
  caCertificates: readonly string[],
): (url: URL, needsFreshConnection: boolean) => HttpAgent | HttpsAgent {
  const ca = caCertificates.length === 0 ? {} : { ca: [...getCACertificates('default'), ...caCertificates] };
  const kept = { keepAlive: true, scheduling: 'lifo', maxFreeSockets: 64 } as const;
  const agents = {
    kept: { http: new WatchedHttpAgent(kept), https: new WatchedHttpsAgent({ ...kept, ...ca }) },
    fresh: { http: new WatchedHttpAgent(), https: new WatchedHttpsAgent(ca) },
  };
  return ({ protocol }, needsFreshConnection) =>
    agents[needsFreshConnection ? 'fresh' : 'kept'][protocol === 'http:' ? 'http' : 'https'];
}
