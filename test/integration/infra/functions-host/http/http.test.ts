import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FunctionsHost } from '../../../../../infra/local/functions-host/functions-host.ts';
import { CapturedLog } from '../../../../support/infra/functions-host/captured-log.ts';
import { buildFixtureApp } from '../../../../support/infra/functions-host/fixture-app.ts';

const log = new CapturedLog();
let host: FunctionsHost;

beforeAll(async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['http'] });
  host = new FunctionsHost({ appDirectory, port: 0, environment: {}, log: log.write });
  await host.start();
});

afterAll(() => host.stop({ reason: 'interrupt' }));

async function echo(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(`${host.url}/api/${path}`, init);
  expect(response.status).toBe(200);
  return Object(await response.json());
}

test('lists the functions with their routes under the prefix', () => {
  expect(host.functions).toContainEqual({
    name: 'echo-user',
    trigger: 'http',
    route: 'api/users/{user}/ring',
    methods: ['GET', 'PUT', 'HEAD'],
    authLevel: 'function',
  });
});

test('passes method, URL, body, headers in lower case and route parameters', async () => {
  const received = await echo('users/alice%40contoso.com/ring?a=1', {
    method: 'PUT',
    body: '{"x":"ü"}',
    headers: { 'X-Correlation-Id': 'c1', 'Content-Type': 'application/json' },
  });
  expect(received).toMatchObject({
    method: 'PUT',
    url: `${host.url}/api/users/alice@contoso.com/ring?a=1`,
    params: { user: 'alice@contoso.com' },
    query: { a: '1' },
    text: '{"x":"ü"}',
    headers: { 'x-correlation-id': 'c1', 'content-type': 'application/json' },
  });
});

test.each([
  ['users/a%2Fb/ring', { user: 'a%2Fb' }],
  ['users/a%252Fb/ring', { user: 'a%2Fb' }],
  ['users/%C3%BC+%20b/ring', { user: 'ü+ b' }],
  ['users/%FF/ring', { user: '%FF' }],
  ['USERS/Alice/Ring/', { user: 'Alice' }],
  ['pages/7', { page: '7' }],
])('decodes the path %s once, except slashes', async (path, params) => {
  expect((await echo(path))['params']).toEqual(params);
});

test('joins repeated query parameters and headers with commas', async () => {
  const received = await echo('unrouted?a=1&b=%20x+y&A=2&e=', {
    headers: [
      ['x-many', '1'],
      ['x-many', '2'],
    ],
  });
  expect(received['query']).toEqual({ a: '1,2', b: ' x y', e: '' });
  expect(received['headers']).toMatchObject({ 'x-many': '1, 2' });
});

test('continues the trace of the caller', async () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const received = await echo('unrouted', { headers: { traceparent } });
  expect(received['trace']).toMatch(
    /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
  );
});

test('prefers a literal to a parameter, and warns when the real host would not', async () => {
  expect((await echo('pages/first'))['function']).toBe('echo-literal');
  expect((await echo('pages/first', { method: 'POST' }))['function']).toBe('z-literal');
  expect(await log.find(/routes of "z-literal" and "a-parameter" overlap/)).toMatchObject({
    level: 'warning',
  });
});

test.each([
  ['for an unknown route', 'GET', '/api/nowhere'],
  ['for a path without the prefix', 'GET', '/unrouted'],
  ['for an empty parameter', 'GET', '/api/users//ring'],
  ['for a method that the function does not allow', 'DELETE', '/api/users/alice/ring'],
  ['for OPTIONS that no function allows', 'OPTIONS', '/api/users/alice/ring'],
  ['for HEAD that the function does not allow', 'HEAD', '/api/pages/first'],
  ['for an unknown timer at the admin endpoint', 'POST', '/admin/functions/nobody'],
  ['for a function without a timer at the admin endpoint', 'POST', '/admin/functions/unrouted'],
])('returns a bare 404 %s', async (_, method, path) => {
  const response = await fetch(host.url + path, { method });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBeNull();
  expect(await response.text()).toBe('');
});

test('returns no body for HEAD of a function that allows it', async () => {
  const response = await fetch(`${host.url}/api/users/alice/ring`, { method: 'HEAD' });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.text()).toBe('');
});

async function fetchResponse(kind: string): Promise<Response> {
  return fetch(`${host.url}/api/responses/${kind}`);
}

test('returns status, headers and text', async () => {
  const response = await fetchResponse('text');
  expect(response.status).toBe(201);
  expect(response.headers.get('x-mine')).toBe('yes');
  expect(response.headers.get('content-type')).toBe('text/plain;charset=UTF-8');
  expect(await response.text()).toBe('Grüße');
});

test('returns bytes unchanged', async () => {
  expect(new Uint8Array(await (await fetchResponse('bytes')).arrayBuffer())).toEqual(
    new Uint8Array([0, 255, 1]),
  );
});

test('returns the content of a stream', async () => {
  expect(await (await fetchResponse('stream')).text()).toBe('one two');
});

test('returns 304 with its headers and without a body', async () => {
  const response = await fetchResponse('empty');
  expect([response.status, response.headers.get('etag'), await response.text()]).toEqual([304, '"1"', '']);
});

test('returns 204 for a function that returns nothing', async () => {
  expect((await fetchResponse('nothing')).status).toBe(204);
});

test('writes cookies as ASP.NET Core does', async () => {
  expect((await fetchResponse('cookies')).headers.getSetCookie()).toEqual([
    'a=x%20y; max-age=60; path=/; secure; samesite=strict; httponly',
    'b=2; expires=Fri, 02 Jan 1970 00:00:00 GMT; domain=example.org; path=/b',
  ]);
});

test('returns a bare 500 when the function throws, and logs the error', async () => {
  const response = await fetchResponse('failure');
  expect(response.status).toBe(500);
  expect(await response.text()).toBe('');
  const entry = await log.find(
    /^Executed 'Functions.responses' \(Failed, Id=[0-9a-f-]{36}, Duration=\d+ms\)/,
  );
  expect(entry).toMatchObject({ level: 'error', functionName: 'responses' });
  expect(entry.message).toContain('Error: no failure');
});

test('logs the start, the lines and the end of a call with its invocation id', async () => {
  await echo('unrouted', { method: 'POST', body: 'x' });
  const invocationId = log.entries.findLast(({ functionName }) => functionName === 'unrouted')?.invocationId;
  const own = log.entries.filter((entry) => entry.invocationId === invocationId);
  expect(
    own.map(({ category, message }) => [category, message.replace(/Id=[^,)]+|Duration=\d+/g, '…')]),
  ).toEqual([
    [
      'Function.unrouted',
      "Executing 'Functions.unrouted' (Reason='This function was programmatically called via the host APIs.', …)",
    ],
    ['Function.unrouted.User', 'echo of POST'],
    ['Function.unrouted', "Executed 'Functions.unrouted' (Succeeded, …, …ms)"],
  ]);
});

test('returns a bare 413 for a body over 100 MiB without waiting for it', async () => {
  const [status, body] = await new Promise<[number | undefined, string]>((resolve, reject) => {
    const call = request(`${host.url}/api/users/alice/ring`, {
      method: 'PUT',
      headers: { 'content-length': 104_857_601 },
    });
    call.on('error', reject);
    call.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve([response.statusCode, text]));
    });
    call.write('x');
  });
  expect([status, body]).toEqual([413, '']);
});

test('logs a caller who disconnected with the path only, without the key in the query', async () => {
  const call = request(`${host.url}/api/users/alice/ring?code=hunter2`, {
    method: 'PUT',
    headers: { 'content-length': 100 },
  });
  call.on('error', () => {});
  call.write('x', () => call.destroy());
  const entry = await log.find(/The caller disconnected/);
  expect(entry.message).toMatch(/^PUT \/api\/users\/alice\/ring: /);
});

test('drops a body in chunks, as the real host does, and logs a warning', async () => {
  const body = new Blob(['chunks']).stream();
  const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body, duplex: 'half' };
  expect((await echo('users/alice/ring', init))['text']).toBe('');
  expect(await log.find(/came in chunks/)).toMatchObject({ level: 'warning', functionName: 'echo-user' });
});

test('rejects the start with the number of a port that is in use', async () => {
  const port = Number(new URL(host.url).port);
  const appDirectory = await buildFixtureApp({ fixtures: ['http'] });
  const second = new FunctionsHost({ appDirectory, port, environment: {}, log: log.write });
  await expect(second.start()).rejects.toMatchObject({ code: 'EADDRINUSE', port });
});
