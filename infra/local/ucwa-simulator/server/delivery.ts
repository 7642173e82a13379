import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Answer } from '../exchange/answer.ts';

/** How a response is sent, if it is sent. */
export type Delivery =
  | { readonly how: 'whole' | 'reset-in-body' | 'broken-gzip'; readonly answer: Answer }
  | { readonly how: 'slow'; readonly answer: Answer; readonly bytesPerSecond: number }
  | { readonly how: 'huge'; readonly bytes: number }
  | { readonly how: 'hang' | 'reset' };

/** The properties that all responses on a connection share. */
export interface Wire {
  /** Headers of every response of this server. */
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip: boolean;
}

/** Below this length compression costs more than it saves. */
const gzipFromLength = 300;
const gzipOptions = { level: 1, memLevel: 5, windowBits: 12 };
const hugeChunk = Buffer.alloc(65_536, ' ');

/** Returns the status that the log records for a delivery. */
export function statusOf(delivery: Delivery): number | 'reset' | 'hang' {
  switch (delivery.how) {
    case 'hang':
      return 'hang';
    case 'reset':
    case 'reset-in-body':
      return 'reset';
    case 'huge':
      return 200;
    default:
      return delivery.answer.status;
  }
}

/** Sends a response, whole or broken. `hang` sends nothing: the request ends when the server stops. */
export function deliver(delivery: Delivery, response: ServerResponse, wire: Wire): void {
  if (delivery.how === 'whole') sendWhole(delivery.answer, response, wire);
  if (delivery.how === 'reset') reset(response);
  if (delivery.how === 'reset-in-body') resetInBody(delivery.answer, response, wire);
  if (delivery.how === 'broken-gzip') sendBrokenGzip(delivery.answer, response, wire);
  if (delivery.how === 'slow') void sendSlowly(delivery.answer, response, wire, delivery.bytesPerSecond);
  if (delivery.how === 'huge') void sendHuge(delivery.bytes, response, wire);
}

function sendWhole(answer: Answer, response: ServerResponse, wire: Wire): void {
  if (answer.body === undefined) {
    response.writeHead(answer.status, headersOf(answer, wire, { 'Content-Length': '0' }));
    response.end();
    return;
  }
  const zipped = wire.gzip && answer.body.length >= gzipFromLength;
  const body = zipped ? gzipSync(answer.body, gzipOptions) : answer.body;
  const length = { 'Content-Length': String(Buffer.byteLength(body)) };
  const extra = zipped ? { ...length, 'Content-Encoding': 'gzip' } : length;
  response.writeHead(answer.status, headersOf(answer, wire, extra));
  response.end(body);
}

function resetInBody(answer: Answer, response: ServerResponse, wire: Wire): void {
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, headersOf(answer, wire, { 'Content-Length': String(body.length + 100) }));
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => setImmediate(() => reset(response)));
}

function sendBrokenGzip(answer: Answer, response: ServerResponse, wire: Wire): void {
  const zipped = gzipSync(answer.body ?? '');
  const body = Buffer.concat([zipped.subarray(0, 12), Buffer.from('this is not compressed')]);
  const extra = { 'Content-Length': String(body.length), 'Content-Encoding': 'gzip' };
  response.writeHead(answer.status, headersOf(answer, wire, extra));
  response.end(body);
}

async function sendSlowly(
  answer: Answer,
  response: ServerResponse,
  wire: Wire,
  bytesPerSecond: number,
): Promise<void> {
  const body = Buffer.from(answer.body ?? '');
  response.writeHead(answer.status, headersOf(answer, wire, { 'Content-Length': String(body.length) }));
  response.flushHeaders();
  const chunkBytes = Math.max(1, Math.floor(bytesPerSecond / 10));
  for (let sent = 0; sent < body.length && !response.destroyed; sent += chunkBytes) {
    response.write(body.subarray(sent, sent + chunkBytes));
    await sleep((1000 * chunkBytes) / bytesPerSecond, undefined, { ref: false });
  }
  response.end();
}

/** Sends a JSON object of the given size, padded with spaces, without a `Content-Length`. */
async function sendHuge(bytes: number, response: ServerResponse, wire: Wire): Promise<void> {
  response.writeHead(200, { ...wire.headers, 'Content-Type': 'application/json; charset=utf-8' });
  response.write('{');
  for (let left = bytes - 2; left > 0 && !response.destroyed; left -= hugeChunk.length) {
    const hasRoom = response.write(hugeChunk.subarray(0, left));
    if (!hasRoom) await drained(response);
  }
  response.end('}');
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}

/** Resets the connection; over TLS it is only closed, because a TLS socket cannot be reset. */
function reset(response: ServerResponse): void {
  const { socket } = response;
  if (socket === null) return;
  if (socket.constructor === Socket) socket.resetAndDestroy();
  else socket.destroy();
}

function headersOf(
  answer: Answer,
  wire: Wire,
  extra: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = { ...wire.headers, ...extra };
  if (answer.body !== undefined && answer.contentType !== undefined) {
    headers['Content-Type'] = answer.contentType;
  }
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  return headers;
}
