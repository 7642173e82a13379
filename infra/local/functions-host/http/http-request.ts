import type { IncomingMessage } from 'node:http';
import type { HttpData, NullableStrings } from '../app/programming-model.ts';

/** The largest body that the real host accepts. */
export const bodyLimitBytes = 104_857_600;

/** A request's path, decoded for routing, and query. */
export interface RequestTarget {
  readonly path: string;
  readonly search: string;
  readonly query: URLSearchParams;
}

/** Returns the request as the real host passes it to the Node worker. */
export function toHttpData(
  request: IncomingMessage,
  target: RequestTarget,
  parameters: Record<string, string>,
  body: Uint8Array | undefined,
): HttpData {
  return {
    method: request.method ?? 'GET',
    url: `http://${request.headers.host ?? '127.0.0.1'}${encodePath(target.path)}${target.search}`,
    nullableHeaders: joinRepeated(pairs(request.rawHeaders)),
    nullableQuery: joinRepeated(target.query),
    nullableParams: joinRepeated(Object.entries(parameters), false),
    ...(body && { body: { bytes: body } }),
  };
}

/**
 * Reads the body of a request with a `Content-Length`. Returns undefined for a body in chunks, because the real host does
 * not pass one to the Node worker (https://github.com/Azure/azure-functions-nodejs-library/issues/171).
 */
export async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (!(Number(request.headers['content-length']) > 0)) {
    request.resume();
    return undefined;
  }
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', resolve);
    request.on('close', () =>
      reject(new Error('The caller disconnected before the whole request had arrived.')),
    );
  });
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/**
 * Joins repeated values with commas, in the query too: `?a=1&A=2` becomes `a` with `1,2`, because .NET compares these names
 * without case.
 */
function joinRepeated(values: Iterable<readonly [string, string]>, ignoreCase = true): NullableStrings {
  const joined = new Map<string, [name: string, value: string]>();
  for (const [name, value] of values) {
    const key = ignoreCase ? name.toLowerCase() : name;
    const earlier = joined.get(key);
    joined.set(key, earlier ? [earlier[0], `${earlier[1]},${value}`] : [name, value]);
  }
  return Object.fromEntries(Array.from(joined.values(), ([name, value]) => [name, { value }]));
}

function* pairs(rawHeaders: readonly string[]): Iterable<readonly [string, string]> {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    yield [(rawHeaders[index] ?? '').toLowerCase(), rawHeaders[index + 1] ?? ''];
  }
}

// ASP.NET Core encodes the decoded path again, but only where necessary; a `%2F` that was kept stays.
function encodePath(path: string): string {
  return encodeURI(path)
    .replace(/%25([0-9a-f]{2})/gi, '%$1')
    .replace(/[?#]/g, encodeURIComponent);
}
