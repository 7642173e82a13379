import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Origin, World } from '../state/simulation.ts';
import { deliver, type Wire } from './delivery.ts';
import { dispatch } from './dispatch.ts';
import { Latency } from './latency.ts';
import type { Listener } from './origin-server.ts';

/** The longest body that a server reads. */
const longestBody = 65_536;

/** Answers the requests of one origin after the latency, and counts those at work against the capacity. */
export function listenerFor(world: World, origin: Origin): Listener {
  const { configuration } = world;
  const headers = { 'Cache-Control': 'no-cache', 'X-MS-Server-Fqdn': `${origin.name}.simulator.local` };
  const latency = new Latency();
  let atWork = 0;
  return (request, response) => {
    atWork += 1;
    const atOnce = atWork;
    response.once('close', () => {
      atWork -= 1;
    });
    const overloaded = origin.index >= 0 && atOnce > (configuration.capacity ?? Number.POSITIVE_INFINITY);
    const answer = (body: string, tooLarge: boolean) => {
      const { method = 'GET', url: target = '/', headers: sent } = request;
      const raw = { method, target, headers: sent, body, tooLarge, atOnce, overloaded };
      deliver(dispatch(world, origin, raw), response, wireOf(request, headers, world));
    };
    readBody(request, (body, tooLarge) => {
      if (configuration.latencyMs === 0 || overloaded) answer(body, tooLarge);
      else latency.wait(configuration.latencyMs, () => answer(body, tooLarge));
    });
  };
}

function wireOf(request: IncomingMessage, headers: Readonly<Record<string, string>>, world: World): Wire {
  const asked = request.headers['accept-encoding']?.includes('gzip') ?? false;
  return {
    headers: { ...headers, 'X-MS-Correlation-Id': randomUUID() },
    gzip: asked && world.configuration.variants.gzip,
  };
}

/** Gives the body to `done` once it is there, whole up to the limit; a client that goes away gives none. */
export function readBody(
  request: IncomingMessage,
  done: (body: string, tooLarge: boolean) => void,
  limit = longestBody,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
  });
  request.once('end', () => done(Buffer.concat(chunks).toString(), bytes > limit));
}
