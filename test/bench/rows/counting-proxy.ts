import { once } from 'node:events';
import { Agent, createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The response to the local host's poll of an empty queue. */
const emptyQueue = /<QueueMessagesList\s*\/>|<QueueMessagesList>\s*<\/QueueMessagesList>/;

/** Forwards requests to one server and counts them by kind, except polls of an empty queue. */
export class CountingProxy {
  readonly #target: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server: Server;
  readonly counts = new Map<string, number>();

  constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((incoming, outgoing) => {
      const path = incoming.url ?? '/';
      const { hostname, port } = this.#target;
      const options = { hostname, port, path, method: incoming.method, headers: incoming.headers };
      const forwarded = forward({ ...options, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          const isEmptyPoll = incoming.method === 'GET' && emptyQueue.test(body.toString('latin1'));
          if (!isEmptyPoll) this.#count(`${incoming.method} ${kindOf(path)}`);
          outgoing.writeHead(response.statusCode ?? 502, response.headers).end(body);
        });
      });
      forwarded.on('error', () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
  }

  /** Starts listening and returns the URL to use instead of the server's. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${this.#target.pathname}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  #count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

/** Returns the table or queue of a path, or `$batch`. */
function kindOf(path: string): string {
  const [resource = ''] = path.split('?');
  return resource
    .split('/')
    .slice(2)
    .join('/')
    .replace(/\(.*/, '')
    .replace(/(messages)\/.*/, '$1');
}
