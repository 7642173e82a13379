import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { onTestFinished } from 'vitest';

export interface HttpServer {
  readonly origin: string;
  /** The root of the server, where discovery starts. */
  readonly discoveryUrl: string;
  /** The number of connections made so far. */
  readonly connections: number;
  /** Method and path of each request, in order. */
  readonly requests: readonly string[];
}

/** Starts a server on a loopback address with a handler of its own. It stops when the test ends. */
export async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<HttpServer> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    handle(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  const port = await listen(server, host);
  onTestFinished(() => stop(server));
  const origin = `http://${host}:${port}`;
  return {
    origin,
    discoveryUrl: `${origin}/`,
    requests,
    get connections() {
      return connections;
    },
  };
}

/** Starts a server on a loopback address that the clients of the tests do not trust. It accepts every request. */
export function serveUntrusted(): Promise<HttpServer> {
  return serve((_request, response) => void response.writeHead(200).end('{}'), '127.0.0.2');
}

/** Starts a server on a loopback address that accepts connections and never sends a byte. */
export async function serveSilently(): Promise<{
  readonly origin: string;
  readonly connected: Promise<void>;
}> {
  const sockets: Socket[] = [];
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  const server = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    resolve();
  });
  const port = await listen(server, '127.0.0.1');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((closed) => void server.close(() => closed()));
  });
  return { origin: `http://127.0.0.1:${port}`, connected };
}

function listen(server: Server | TcpServer, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
