import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

export interface HostileServer {
  /** With its port, as it stands in a URL. */
  readonly host: string;
  /** Connections, with or without a request. */
  readonly visits: number;
}

/** Listens on an address of this machine that nobody trusts, and remembers whether anybody came. */
export async function listenInAmbush(address: string): Promise<HostileServer> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
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
    get visits() {
      return visits;
    },
  };
}
