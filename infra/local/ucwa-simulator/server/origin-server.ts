import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Origin } from '../state/simulation.ts';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** The address of one server of the simulator. */
export interface OriginOptions {
  readonly name: string;
  /** Position among the pools; -1 for discovery. */
  readonly index: number;
  /** The host name in links; the server listens on 127.0.0.1 in any case. */
  readonly host: string;
  /** 0: any free port at the first start, the same one at later starts. */
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

  /** Throws before the first start. */
  get url(): string {
    if (this.#port === 0) throw new Error(`The server "${this.name}" has no URL yet: start it first.`);
    return `${this.#options.tls ? 'https' : 'http'}://${this.#options.host}:${this.#port}`;
  }

  async start(listener: Listener): Promise<void> {
    if (this.#server) return;
    const server = this.#options.tls ? createTlsServer(this.#options.tls, listener) : createServer(listener);
    // Longer than clients keep a connection idle, so that no connection is closed while a request is on its way.
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

  /** Refuses new connections and closes open ones, with any request in progress. */
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
