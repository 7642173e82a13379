import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Origin } from '../state/simulation.ts';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** How one server of the simulator is reached. */
export interface OriginOptions {
  readonly name: string;
  /** Among the pools; -1 for discovery. */
  readonly index: number;
  /** The name in links; it listens on 127.0.0.1 whatever that is. */
  readonly host: string;
  /** 0: any free port, the same one again after a stop. */
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
}

/** A server that can be stopped and started again on the same port. */
export class OriginServer implements Origin {
  readonly name: string;
  readonly index: number;
  readonly #options: OriginOptions;
  #port: number;
  #server: Server | undefined;

  constructor(options: OriginOptions) {
    this.name = options.name;
    this.index = options.index;
    this.#options = options;
    this.#port = options.port;
  }

  /** Throws before the first start, when there is no port yet. */
  get url(): string {
    if (this.#port === 0) throw new Error(`The server "${this.name}" was not started yet.`);
    return `${this.#options.tls ? 'https' : 'http'}://${this.#options.host}:${this.#port}`;
  }

  async start(listener: Listener): Promise<void> {
    if (this.#server) return;
    const server = this.#options.tls ? createTlsServer(this.#options.tls, listener) : createServer(listener);
    // Longer than any client keeps a connection idle, so that none is closed under a request on its way.
    server.keepAliveTimeout = 120_000;
    server.requestTimeout = 0;
    this.#server = server;
    try {
      this.#port = (await listen(server, this.#port)).port;
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  /** Refuses new connections and ends open ones, whatever is under way on them. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', backlog: 1024 }, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address);
    });
  });
}
