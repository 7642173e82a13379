import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  FunctionsHost,
  type FunctionsHostOptions,
} from '../../../../../infra/local/functions-host/functions-host.ts';
import { CapturedLog } from '../../../../support/infra/functions-host/captured-log.ts';
import { buildFixtureApp, type FixtureName } from '../../../../support/infra/functions-host/fixture-app.ts';
import { FixtureCalls } from '../../../../support/infra/functions-host/fixture-calls.ts';

let calls: FixtureCalls;
let log: CapturedLog;
let hosts: FunctionsHost[];

beforeEach(() => {
  calls = new FixtureCalls();
  log = new CapturedLog();
  hosts = [];
});

afterEach(async () => {
  const stopped = hosts.map((host) => host.stop({ reason: 'interrupt' }));
  for (const { functions } of hosts) {
    if (functions.some(({ name }) => name === 'slow')) (await calls.take('appTerminate')).succeed();
  }
  await Promise.all(stopped);
  calls.close();
});

function createHost(appDirectory: string, options: Partial<FunctionsHostOptions> = {}): FunctionsHost {
  const environment = { TAKE_QUEUE: 'take' };
  return new FunctionsHost({ appDirectory, port: 0, environment, log: log.write, ...options });
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
  ['have a copy of the library each', false],
])('loads entry points that %s', async (_, splitting) => {
  const { url, functions } = await startHost(await buildFixtureApp({ fixtures: all, splitting }));
  expect(functions).toContainEqual({ name: 'take', trigger: 'queue', queue: 'take' });
  expect((await fetch(`${url}/api/unrouted`)).status).toBe(200);
  expect((await fetch(`${url}/api/logs`)).status).toBe(204);
});

test('runs hooks before and after a call, which may change its error and its result', async () => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: all }));
  const response = await fetch(`${url}/api/responses/failure`);
  expect([response.status, await response.text()]).toEqual([418, 'responses failed']);
});

test('lets log hooks change the log lines of functions', async () => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: ['hooks'] }));
  await fetch(`${url}/api/logs`);
  expect(await log.find(/^a \*\*\*$/)).toMatchObject({
    level: 'warning',
    category: 'Function.logs.User',
  });
});

test('needs no key for a function of any auth level', async () => {
  const { url } = await startHost(await buildFixtureApp({ fixtures: ['http'] }));
  expect((await fetch(`${url}/api/secret`)).status).toBe(200);
});

test('serves routes without a prefix when host.json has an empty one', async () => {
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

test('rejects the start of a folder without host.json', async () => {
  await expect(createHost(import.meta.dirname).start()).rejects.toMatchObject({ code: 'HOST_CONFIGURATION' });
});

test('rejects the start of an app that throws, and names the file', async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['http'] });
  await writeFile(join(appDirectory, 'dist/functions/broken.js'), 'throw new Error("boom");');
  await expect(createHost(appDirectory).start()).rejects.toThrow(/broken\.js" cannot be loaded: boom/);
});

test('rejects the start when a function names a missing setting', async () => {
  const appDirectory = await buildFixtureApp({ fixtures: ['queue'] });
  await expect(createHost(appDirectory, { environment: {} }).start()).rejects.toThrow(
    'Function "take" names the setting "TAKE_QUEUE", which is not set.',
  );
});
