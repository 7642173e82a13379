import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface HttpServer {
  readonly origin: string;
  /** Its root, as a place to start from. */
  readonly discoveryUrl: string;
  /** Connections made so far. */
  readonly connections: number;
  /** Method and target of each request, in order. */
  readonly requests: readonly string[];
}

/** Starts a server on a loopback address that answers as it is told; it stops when the test ends. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  host = '127.0.0.1',
): Promise<HttpServer> {
  const requests: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
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

/** A host that is trusted by nobody: on a loopback address of its own, listening to whatever comes. */
export function serveElsewhere(): Promise<HttpServer> {
  return serve((_request, response) => void response.writeHead(200).end('{}'), '127.0.0.2');
}

function listen(server: Server, host: string): Promise<number> {
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
