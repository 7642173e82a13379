import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A queue service that takes some messages of the bulk queue and then stays silent. */
export interface QueueProxy {
  readonly connectionString: string;
  /** Resolves when a message is held back. */
  readonly held: Promise<void>;
  stop(): Promise<void>;
}

/** Stands between functions and storage. The first `passed` messages sent to the bulk queue reach it; later ones get no response. */
export async function openQueueProxy(connectionString: string, passed: number): Promise<QueueProxy> {
  const endpoint = /QueueEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '';
  const target = new URL(endpoint);
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  let sent = 0;
  const server = createServer((received, response) => {
    const isSend = received.method === 'POST' && /\/simring-bulk\/messages\b/.test(received.url ?? '');
    if (isSend && ++sent > passed) return hold();
    const { method, url: path, headers } = received;
    const forwarded = request(
      { host: target.hostname, port: target.port, method, path, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    forwarded.on('error', () => response.destroy());
    received.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxied = new URL(endpoint);
  proxied.port = String(port);
  return {
    connectionString: connectionString.replace(endpoint, proxied.href),
    held,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
