import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that must never be contacted. */
export interface HostileServer {
  /** Address and port as in a URL. */
  readonly host: string;
  /** The number of connections, with or without a request. */
  readonly connections: number;
}

/** Listens on an address of this machine that the client does not trust, and counts connections. */
export async function startHostileServer(address: string): Promise<HostileServer> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      if (bound !== null && typeof bound === 'object') resolve(bound.port);
    });
  });
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return {
    host: `${address.includes(':') ? `[${address}]` : address}:${port}`,
    get connections() {
      return connections;
    },
  };
}
