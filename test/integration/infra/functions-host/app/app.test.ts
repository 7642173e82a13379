import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  FunctionsHost,
  type FunctionsHostOptions,
} from '../../../../../infra/local/functions-host/functions-host.ts';
import { LogBook } from '../../../../support/infra/functions-host/captured-log.ts';
import { buildFixtureApp, type FixtureName } from '../../../../support/infra/functions-host/fixture-app.ts';
import { CallDesk } from '../../../../support/infra/functions-host/fixture-calls.ts';

let desk: CallDesk;
let logBook: LogBook;
let hosts: FunctionsHost[];

beforeEach(() => {
  desk = new CallDesk();
  logBook = new LogBook();
  hosts = [];
});

afterEach(async () => {
  const stopped = hosts.map((host) => host.stop({ reason: 'interrupt' }));
  for (const { functions } of hosts) {
    if (functions.some(({ name }) => name === 'slow')) (await desk.take('appTerminate')).succeed();
  }
  await Promise.all(stopped);
  desk.close();
});

function createHost(appDirectory: string, options: Partial<FunctionsHostOptions> = {}): FunctionsHost {
  const environment = { TAKE_QUEUE: 'take' };
  return new FunctionsHost({ appDirectory, port: 0, environment, log: logBook.write, ...options });
}

async function startHost(
  appDirectory: string,
  options?: Partial<FunctionsHostOptions>,
): Promise<FunctionsHost> {
  const host = createHost(appDirectory, options);
  hosts.push(host);
  await host.start();
  return host;
}

const all: FixtureName[] = ['http', 'hooks', 'queue'];

test.each([
  ['share one copy of the library', true],
  ['have a copy each', false],
])('loads entry points that %s', async (_, splitting) => {
  const { url, functions } = await startHost(await buildFixtureApp({ fixtures: all, splitting }));
  expect(functions).toContainEqual({ name: 'take', trigger: 'queue', queue: 'take' });
  expect((await fetch(`${url}/api/unrouted`)).status).toBe(200);
  expect((await fetch(`${url}/api/logs`)).status).toBe(204);
});

test('loads a folder again where the modules get a query, chunks included', async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['http', 'queue'] });
  await startHost(appDirectory);
  const second = await startHost(appDirectory, { moduleQuery: '?second' });
  expect(second.functions.map(({ name }) => name)).toContain('take');
  expect((await fetch(`${second.url}/api/unrouted`)).status).toBe(200);
});

test('runs the hooks around a call, which may change its error and its result', async () => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: all }));
  const response = await fetch(`${url}/api/answers/trouble`);
  expect([response.status, await response.text()]).toEqual([418, 'answers failed']);
});

test('lets the log hooks change the lines of functions', async () => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: ['hooks'] }));
  await fetch(`${url}/api/logs`);
  expect(await logBook.find(/^a \*\*\*$/)).toMatchObject({
    level: 'warning',
    category: 'Function.logs.User',
  });
});

test.each<[string, number, string, Record<string, string>]>([
  ['a function without a key', 401, '/api/users/alice/ring', {}],
  ['a function with a wrong key', 401, '/api/users/alice/ring', { 'x-functions-key': 'other' }],
  ['a function with a key in the header', 200, '/api/users/alice/ring', { 'x-functions-key': 'k2' }],
  ['a function with a key in the query', 200, '/api/users/alice/ring?code=k1', {}],
  [
    'a wrong header beside a key in the query',
    401,
    '/api/users/alice/ring?code=k1',
    { 'x-functions-key': 'x' },
  ],
  ['an anonymous function', 200, '/api/unrouted', {}],
  ['an admin function with a function key', 401, '/api/secret', { 'x-functions-key': 'k1' }],
  ['the admin endpoint', 401, '/admin/functions/take', { 'x-functions-key': 'k1' }],
  ['an unknown route', 404, '/api/nowhere', {}],
])('with keys on, answers %s with %i', async (_, status, path, headers) => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: ['http'] }), {
    functionKeys: ['k1', 'k2'],
  });
  const response = await fetch(url + path, { headers });
  expect(response.status).toBe(status);
  const isBare = (await response.text()) === '' && response.headers.get('content-type') === null;
  expect(isBare).toBe(status !== 200);
  const hasRun = logBook.entries.some(({ message }) => message.startsWith('Executing'));
  expect(hasRun).toBe(status === 200);
});

test('without keys, answers functions of every level', async () => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: ['http'] }));
  expect((await fetch(`${url}/api/secret`)).status).toBe(200);
});

test('serves routes without a prefix where host.json has an empty one', async () => {
  const hostJson = { extensions: { http: { routePrefix: '' } } };
  const { url, functions } = await startHost(await buildFixtureApp({ fixtures: ['http'], hostJson }));
  expect(functions).toContainEqual(expect.objectContaining({ name: 'unrouted', route: 'unrouted' }));
  expect((await fetch(`${url}/unrouted`)).status).toBe(200);
});

test('rejects the start of an app that is not built', async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['http'] });
  await writeFile(join(appDirectory, 'package.json'), '{"main":"dist/none/*.js"}');
  await expect(createHost(appDirectory).start()).rejects.toThrow(/"dist\/none\/\*\.js", matches no file/);
});

test('rejects the start of a folder that is no app', async () => {
  await expect(createHost(import.meta.dirname).start()).rejects.toMatchObject({ code: 'HOST_CONFIGURATION' });
});

test('rejects the start of an app that throws, naming the file', async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['http'] });
  await writeFile(join(appDirectory, 'dist/functions/broken.js'), 'throw new Error("boom");');
  await expect(createHost(appDirectory).start()).rejects.toThrow(/broken\.js" cannot be loaded: boom/);
});

test('rejects the start where a setting that a function names is missing', async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['queue'] });
  await expect(createHost(appDirectory, { environment: {} }).start()).rejects.toThrow(
    'Function "take" names the setting "TAKE_QUEUE", which is not there.',
  );
});
