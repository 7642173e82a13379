import { isDeepStrictEqual } from 'node:util';
import type { HttpRequest } from '@azure/functions';
import { decodeBytes } from '../ring/batch/message/content-bytes.ts';
import { issueAt, type Validated, type ValidationIssue } from '../ring/model/validation.ts';
import { parseJson } from '../runtime/json.ts';
import { describeJsonError } from '../runtime/json-error.ts';
import { failed, type Result, success } from '../runtime/result.ts';

/** What requests say of their body before it has come, and its bytes. */
type Received = Pick<HttpRequest, 'headers' | 'arrayBuffer'>;

/** Returns the bytes of a body; undefined where it announces or has more than `limitBytes`. */
export async function readBytes(request: Received, limitBytes: number): Promise<Uint8Array | undefined> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > limitBytes) return undefined;
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.length > limitBytes ? undefined : bytes;
}

/**
 * Parses the bytes of a body as JSON, in UTF-8 or, with a byte order mark, UTF-16. An issue says where they stop being text
 * or JSON, and then gives `advice`. Nothing is replaced.
 */
export function parseJsonBytes(bytes: Uint8Array, advice: string): Validated<unknown> {
  const text = decodeBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!text.ok) return failed([issueAt('', `The body ${text.error}: send JSON in UTF-8.`)]);
  const value = parseJson(text.value);
  if (value !== undefined) return success(value);
  const where = describeJsonError(text.value.replace(/^\ufeff/, ''));
  return failed([issueAt('', `The body is not valid JSON (${where}). ${advice}`)]);
}

/** Reads a JSON body of at most `limitBytes`. The issue of one that is empty or not JSON gives `advice`. */
export async function readJsonBody(
  request: Received,
  limitBytes: number,
  advice: string,
): Promise<Result<unknown, 'too-large' | readonly ValidationIssue[]>> {
  const bytes = await readBytes(request, limitBytes);
  if (bytes === undefined) return failed('too-large');
  if (isBlank(bytes)) {
    const detail = `The body is empty. ${advice} Send it with a Content-Length: Azure drops chunked bodies.`;
    return failed([issueAt('', detail)]);
  }
  return parseJsonBytes(bytes, advice);
}

const emptyBodyLimitBytes = 1024;

/**
 * Returns an issue where a request of a route without a body has one: options that are ignored would look like ones that are
 * obeyed. Some clients always send `{}`.
 */
export async function unexpectedBody(request: Received, detail: string): Promise<readonly ValidationIssue[]> {
  const bytes = await readBytes(request, emptyBodyLimitBytes);
  return bytes !== undefined && (isBlank(bytes) || isEmptyObject(bytes)) ? [] : [issueAt('', detail)];
}

function isEmptyObject(bytes: Uint8Array): boolean {
  const value = parseJsonBytes(bytes, '');
  return value.ok && isDeepStrictEqual(value.value, {});
}

const blanks = new Set(Buffer.from(' \t\r\n'));

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => blanks.has(byte));
}
