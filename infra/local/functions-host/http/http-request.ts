import type { IncomingMessage } from 'node:http';
import type { HttpData, NullableStrings } from '../app/programming-model.ts';

/** The largest body the real host takes. */
export const bodyLimitBytes = 104_857_600;

/** A request's path and query, the path decoded for routing. */
export interface RequestTarget {
  readonly path: string;
  readonly search: string;
  readonly query: URLSearchParams;
}

/** The request as the real host hands it to the Node worker. */
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
 * Reads the body when its length was told. A body in chunks is not read: the real host hands the Node worker no body
 * then (https://github.com/Azure/azure-functions-nodejs-library/issues/171).
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
    request.on('close', () => reject(new Error('The caller went away before its request was whole.')));
  });
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/**
 * What comes more than once is one value joined by commas, in the query too: `?a=1&A=2` is `a` with `1,2`, since .NET
 * compares these names without regard to case. Names of headers are in lower case.
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

// ASP.NET Core writes the decoded path anew; only what needs it is encoded then, and a kept `%2F` stays.
function encodePath(path: string): string {
  return encodeURI(path)
    .replace(/%25([0-9a-f]{2})/gi, '%$1')
    .replace(/[?#]/g, encodeURIComponent);
}
