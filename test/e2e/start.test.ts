import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { Agreement } from '../../infra/local/demo/agreement.ts';
import { UcwaSimulator } from '../../infra/local/ucwa-simulator/simulator.ts';
import { SimulatorClient } from '../bench/system/simulator-client.ts';
import { Command } from '../support/e2e/command.ts';
import { FunctionsChild } from '../support/e2e/functions-child.ts';
import { tellResponse } from '../support/e2e/told-responses.ts';

const ports = Object.fromEntries(
  ['FUNCTIONS', 'BLOB', 'QUEUE', 'TABLE', 'UCWA', 'UCWA_POOL', 'KEY_VAULT'].map((name) => [
    `PORT_${name}`,
    '0',
  ]),
);
const settingsSchema = z.object({ Values: z.record(z.string(), z.string()) });
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-start-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function environment(more: Record<string, string> = {}): Record<string, string> {
  return { ...ports, LOCAL_APP_DIRECTORY: inject('appDirectory'), ...more };
}

describe('npm start', () => {
  it('serves the printed URL, with the users of LOCAL_USERS, and ends on Ctrl-C', async () => {
    const users = join(directory, 'users.json');
    await writeFile(
      users,
      JSON.stringify([{ sip: 'Zoe@Local.Example', username: 'L\\zoe', password: 'zoe-pass' }]),
    );
    const start = new Command('start.ts', [], environment({ LOCAL_USERS: users }));
    await start.waitForOutput(/Ctrl-C ends it/);
    const [, url] = await start.waitForOutput(/Functions: (\S+)/);
    const [, discoveryUrl = ''] = await start.waitForOutput(/UCWA_DISCOVERY_URL +(http:\S+)/);
    const ucwa = new SimulatorClient(discoveryUrl);
    const agreement = new Agreement(await ucwa.states());
    const response = await fetch(`${url}/api/users/zoe@local.example/simultaneous-ring`, {
      method: 'PUT',
      body: JSON.stringify({ target: '+14255550123' }),
    });
    const told: unknown = await response.json();
    expect(told).toMatchObject({ outcome: 'applied', verified: true });
    tellResponse(agreement, told);
    expect(agreement.differences(await ucwa.states())).toEqual([]);
    expect((await fetch(`${url}/api/health`)).status).toBe(200);
    start.signal('SIGINT');
    expect(await start.waitForExit()).toBe(0);
  });

  it.runIf(process.platform !== 'win32')(
    'also ends when npm is killed, which forwards no signal',
    async () => {
      const entry = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url));
      const env = { ...environment(), PATH: process.env['PATH'] ?? '', npm_lifecycle_event: 'start' };
      const npm = spawn('sh', ['-c', `"${process.execPath}" "${entry}" --services; true`], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      npm.stdout.setEncoding('utf8');
      for await (const text of npm.stdout.iterator({ destroyOnReturn: false })) {
        if (String(text).includes('Ctrl-C ends it')) break;
      }
      const ended = once(npm, 'close');
      npm.kill('SIGKILL');
      npm.stdout.resume();
      // The pipe closes when the last process that holds it has ended.
      await ended;
    },
  );

  it('uses a given UCWA, but sends nothing to an untrusted host, and names the setting to change', async () => {
    const ucwa = new UcwaSimulator({
      users: [{ sip: 'sip:yan@given.example', username: 'g\\yan', password: 'yan-pass' }],
    });
    await ucwa.start();
    const given = { UCWA_DISCOVERY_URL: ucwa.discoveryUrl, SIP_DOMAINS: 'given.example' };
    const distrusting = new Command(
      'start.ts',
      [],
      environment({ ...given, UCWA_TRUSTED_HOSTS: 'pool.example' }),
    );
    const [, url] = await distrusting.waitForOutput(/Functions: (\S+)/);
    const health = await (await fetch(`${url}/api/health`)).text();
    expect(health).toContain('UCWA_TRUSTED_HOSTS');
    expect(health).toContain('UCWA_DISCOVERY_URL');
    expect(ucwa.requests).toHaveLength(0);
    distrusting.signal('SIGINT');
    expect(await distrusting.waitForExit()).toBe(0);
    await ucwa.stop();
  });

  it('starts no functions with --services, writes their settings with --settings, and removes the files at the end', async () => {
    const file = join(directory, 'local.settings.json');
    const start = new Command('start.ts', ['--services', '--settings', file], environment());
    await start.waitForOutput(/Ctrl-C ends it/);
    const { Values: values } = settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const functions = await FunctionsChild.start({ ...values, LOCAL_APP_DIRECTORY: inject('appDirectory') });
    expect((await fetch(`${functions.url}/api/health`)).status).toBe(200);
    expect(await functions.stop()).toBe(0);
    start.signal('SIGINT');
    expect(await start.waitForExit()).toBe(0);
    expect([file, `${file}.certificate.pem`].filter((path) => existsSync(path))).toEqual([]);
  });

  it('writes the given settings too with --settings, so that the file alone suffices', async () => {
    const ucwa = new UcwaSimulator({
      users: [{ sip: 'sip:yan@given.example', username: 'g\\yan', password: 'yan-pass' }],
    });
    await ucwa.start();
    const users = join(directory, 'given-users.json');
    await writeFile(
      users,
      JSON.stringify([{ sip: 'yan@given.example', username: 'g\\yan', password: 'yan-pass' }]),
    );
    const file = join(directory, 'given.settings.json');
    const given = {
      UCWA_DISCOVERY_URL: ucwa.discoveryUrl,
      UCWA_TRUSTED_HOSTS: '127.0.0.1',
      TARGET_DEFAULT_COUNTRY: 'US',
      AZURE_CLIENT_ID: 'an identity that the local vault does not know',
    };
    const options = ['--services', '--settings', file];
    const start = new Command('start.ts', options, environment({ ...given, LOCAL_USERS: users }));
    await start.waitForOutput(/Ctrl-C ends it/);
    const { Values: values } = settingsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const { AZURE_CLIENT_ID: _foreign, ...expected } = given;
    expect(values).toMatchObject({ ...expected, SIP_DOMAINS: 'given.example' });
    expect(values).not.toHaveProperty('AZURE_CLIENT_ID');
    const functions = await FunctionsChild.start({ ...values, LOCAL_APP_DIRECTORY: inject('appDirectory') });
    expect((await fetch(`${functions.url}/api/health`)).status).toBe(200);
    const put = await fetch(`${functions.url}/api/users/yan@given.example/simultaneous-ring`, {
      method: 'PUT',
      body: JSON.stringify({ target: '(425) 555-0123' }),
    });
    expect(await put.json()).toMatchObject({ outcome: 'applied', target: 'tel:+14255550123' });
    expect(await functions.stop()).toBe(0);
    start.signal('SIGINT');
    expect(await start.waitForExit()).toBe(0);
    await ucwa.stop();
  });

  it.each(['PORT_FUNCTIONS', 'PORT_QUEUE', 'PORT_UCWA', 'PORT_UCWA_POOL', 'PORT_KEY_VAULT'])(
    'names %s in one line when that port is in use',
    async (variable) => {
      const server = createServer();
      const port = await new Promise<number>((resolve) => {
        server.listen(0, '127.0.0.1', () => {
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : 0);
        });
      });
      const start = new Command('start.ts', [], environment({ [variable]: String(port) }));
      expect(await start.waitForExit()).toBe(1);
      expect(start.output.trim()).toBe(
        `Port ${port} is in use: set ${variable} to another port, or to 0 for any free one. An earlier start may still be running.`,
      );
      server.close();
    },
  );

  it.each([
    ['PORT_UCWA', '80a', /^PORT_UCWA must be a port number/],
    ['LOCAL_USERS', '/no/such/file.json', /^LOCAL_USERS names \/no\/such\/file\.json, which cannot be read/],
  ])('explains in one line why %s=%s is invalid', async (variable, value, expected) => {
    const start = new Command('start.ts', [], environment({ [variable]: value }));
    expect(await start.waitForExit()).toBe(1);
    expect(start.output.trim()).toMatch(expected);
    expect(start.output.trim().split('\n')).toHaveLength(1);
  });

  it('names the invalid entries of LOCAL_USERS', async () => {
    const users = join(directory, 'wrong-users.json');
    await writeFile(users, JSON.stringify([{ sip: 'zoe', username: '', secret: 1 }]));
    const start = new Command('start.ts', [], environment({ LOCAL_USERS: users }));
    expect(await start.waitForExit()).toBe(1);
    expect(start.output).toMatch(/LOCAL_USERS.*0\.sip.*0\.username.*0\.password/);
  });
});
