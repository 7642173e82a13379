import { once } from 'node:events';
import { Agent, createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the local host asks of the queue by itself while there is nothing in it. */
const emptyQueue = /<QueueMessagesList\s*\/>|<QueueMessagesList>\s*<\/QueueMessagesList>/;

/** Passes requests on to one server and counts them by kind; a poll that found an empty queue is none. */
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
      const onward = forward({ ...options, agent: this.#agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const body = Buffer.concat(chunks);
          const isEmptyPoll = incoming.method === 'GET' && emptyQueue.test(body.toString('latin1'));
          if (!isEmptyPoll) this.#count(`${incoming.method} ${kindOf(path)}`);
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
        });
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
    });
  }

  /** Listens, and answers with the URL to be used in the place of the server's. */
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

/** The table or queue that a path means, or `$batch`. */
function kindOf(path: string): string {
  const [resource = ''] = path.split('?');
  return resource
    .split('/')
    .slice(2)
    .join('/')
    .replace(/\(.*/, '')
    .replace(/(messages)\/.*/, '$1');
}
