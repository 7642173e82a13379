import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Origin, Simulation } from '../state/simulation.ts';
import { deliver, type Wire } from './delivery.ts';
import { dispatch } from './dispatch.ts';
import { Latency } from './latency.ts';
import type { Listener } from './origin-server.ts';

/** The longest body, in bytes, that a server reads. */
const longestBody = 65_536;

/** Makes the listener of one origin. It responds after the latency, and compares the requests in progress with the capacity. */
export function listenerFor(simulation: Simulation, origin: Origin): Listener {
  const { configuration } = simulation;
  const headers = { 'Cache-Control': 'no-cache', 'X-MS-Server-Fqdn': `${origin.name}.simulator.local` };
  const latency = new Latency();
  let inProgress = 0;
  return (request, response) => {
    inProgress += 1;
    const atOnce = inProgress;
    response.once('close', () => {
      inProgress -= 1;
    });
    const overloaded = origin.index >= 0 && atOnce > (configuration.capacity ?? Number.POSITIVE_INFINITY);
    const respond = (body: string, tooLarge: boolean) => {
      const { method = 'GET', url: target = '/', headers: sent } = request;
      const raw = { method, target, headers: sent, body, tooLarge, atOnce, overloaded };
      deliver(dispatch(simulation, origin, raw), response, wireOf(request, headers, simulation));
    };
    readBody(request, (body, tooLarge) => {
      if (configuration.latencyMs === 0 || overloaded) respond(body, tooLarge);
      else latency.wait(configuration.latencyMs, () => respond(body, tooLarge));
    });
  };
}

function wireOf(
  request: IncomingMessage,
  headers: Readonly<Record<string, string>>,
  simulation: Simulation,
): Wire {
  const acceptsGzip = request.headers['accept-encoding']?.includes('gzip') ?? false;
  return {
    headers: { ...headers, 'X-MS-Correlation-Id': randomUUID() },
    gzip: acceptsGzip && simulation.configuration.variants.gzip,
  };
}

/** Calls `done` with the body once it has arrived, cut off beyond the limit; never for a client that disconnects. */
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
