import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { batchSchema } from '../../../infra/local/demo/batch.ts';
import { writeSettingsFile } from '../../../infra/local/settings-file.ts';
import { Command } from '../../support/e2e/command.ts';
import { eventually, localUser, System } from '../../support/e2e/system.ts';

const addresses = Array.from({ length: 40 }, (_, nth) => `user${nth}@send.example`);

/** What an instance that stops leaves behind is free again soon. */
const restartSettings = { LOCAL_LEASE_SECONDS: '2', UCWA_ATTEMPT_LIMIT_MS: '10000' };

let system: System;
let directory: string;
let settings: string;

beforeAll(async () => {
  const users = addresses.map((address, nth) => localUser(address, nth === 1 ? { secret: false } : {}));
  system = await System.start(users, restartSettings);
  directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-send-'));
  settings = join(directory, 'local.settings.json');
  await writeSettingsFile(settings, system.services.environment, undefined);
});

afterEach(() => system.expectAgreement());
afterAll(async () => {
  await system?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function fileOf(name: string, rows: readonly string[]): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, `user;target;ref\n${rows.join('\n')}\n`);
  return path;
}

function start(
  parameters: readonly string[],
  environment: Record<string, string> = {},
  input?: string,
): Command {
  const command = new Command('../cli/send.ts', parameters, environment, input);
  onTestFinished(() => command.signal('SIGKILL'));
  return command;
}

async function run(parameters: readonly string[], environment: Record<string, string> = {}, input?: string) {
  const command = start(parameters, environment, input);
  const code = await command.waitForExit();
  return { code, output: command.output };
}

const toUrl = () => ['--url', system.functions.url];
const toQueue = () => ['--queue', '--settings', settings];
const row = (nth: number, target = `+1425555${String(1000 + nth)}`) => `${addresses[nth]};${target};E${nth}`;

describe.each([
  ['over HTTP', toUrl, 'http'],
  ['by the queue', toQueue, 'queue'],
] as const)('npm run send, %s,', (_way, to, name) => {
  it('sends a file, lists what failed with what to do, and writes the report', async () => {
    const file = await fileOf(`${name}.csv`, [row(0), row(1), row(2, '12'), row(3)]);
    const report = join(directory, `${name}-report.csv`);
    const { code, output } = await run([file, ...to(), '--batch', `file-${name}`, '--report', report]);
    expect(output).toContain('1 of 4 entries is wrong');
    expect(output).toMatch(/line 4, target: The target does not say its country/);
    expect(output).toMatch(/user1@send\.example \(E1\) +failed, credential-missing: There is no secret/);
    expect(output).toMatch(/file-\w+: 2 (applied|unchanged), 1 rejected, 1 failed/);
    expect(code).toBe(1);
    expect(await readFile(report, 'utf8')).toContain('credential-missing');
    expect(system.services.ucwa.state(`sip:${addresses[3]}`).activeSetting).toBe('SimultaneousRing');
  });

  it('ends with 0 where all went well, and follows the same file without sending it again', async () => {
    const file = await fileOf(`${name}-well.csv`, [row(4), row(5)]);
    const first = await run([file, ...to()]);
    expect(first.code).toBe(0);
    expect(first.output).toMatch(/2 applied/);
    const posts = system.count('write', addresses[4] ?? '');
    const again = await run([file, ...to()]);
    expect(again.output).toContain('was sent before, and is followed');
    expect(again.output).toContain('To do it again, give it another name with --batch NAME.');
    expect(again.code).toBe(0);
    expect(system.count('write', addresses[4] ?? '')).toBe(posts);
  });

  it('judges a file, tries it without changing anything, and prints JSON', async () => {
    const file = await fileOf(`${name}-dry.csv`, [row(6), row(7)]);
    const judged = await run([file, ...to(), '--validate', '--json']);
    expect(judged.code).toBe(0);
    expect(JSON.parse(judged.output)).toMatchObject({ entries: 2, rejected: { count: 0 } });
    const tried = await run([file, ...to(), '--dry-run', '--json', '--batch', `tried-${name}`]);
    expect(JSON.parse(tried.output)).toMatchObject({ batch: `dry-tried-${name}`, counts: { unchanged: 2 } });
    expect(JSON.parse(tried.output).would).toEqual({ apply: 2, nothing: 0 });
    expect(system.services.ucwa.state(`sip:${addresses[6]}`).activeSetting).toBe('None');
  });

  it('refuses a file whose name stands for other content, and one with a wrong line where that was asked for', async () => {
    const first = await fileOf(`${name}-one.csv`, [row(8)]);
    await run([first, ...to(), '--batch', `taken-${name}`, '--no-wait']);
    const other = await fileOf(`${name}-two.csv`, [row(9)]);
    const taken = await run([other, ...to(), '--batch', `taken-${name}`]);
    expect(taken.code).toBe(2);
    expect(taken.output).toContain(`taken-${name}`);
    const wrong = await fileOf(`${name}-strict.csv`, [row(9), row(10, '12')]);
    const strict = await run([wrong, ...to(), '--strict']);
    expect(strict.code).toBe(2);
    expect(strict.output).toMatch(/line 3, target: /);
    expect(system.services.ucwa.state(`sip:${addresses[9]}`).activeSetting).toBe('None');
  });

  it('leaves a batch that goes on when it is interrupted, and the same command follows it', async () => {
    const file = await fileOf(
      `${name}-long.csv`,
      addresses.slice(11, 25).map((_, nth) => row(11 + nth)),
    );
    const parameters = [file, ...to(), '--batch', `long-${name}`];
    system.services.ucwa.setLatency(200);
    const command = start(parameters);
    await command.waitForOutput(/is on its way/);
    command.signal('SIGINT');
    expect(await command.waitForExit()).toBe(130);
    expect(command.output).toContain('the same command follows it');
    system.services.ucwa.setLatency(0);
    const again = await run(parameters);
    expect(again.output).toContain('was sent before');
    expect(again.code).toBe(0);
  });
});

describe('npm run send', () => {
  it('waits for functions that restart, and goes on', async () => {
    const first = await system.startInstance();
    const { port } = new URL(first.url);
    system.services.ucwa.setLatency(300);
    const rows = addresses.slice(25, 40).map((_, nth) => row(25 + nth));
    const command = start([await fileOf('restart.csv', rows), '--url', first.url, '--batch', 'restarted']);
    await command.waitForOutput(/is on its way/);
    await first.stop('SIGTERM');
    await command.waitForOutput(/cannot (be reached|serve now)/);
    const second = await system.startInstance({ PORT_FUNCTIONS: port });
    system.services.ucwa.setLatency(0);
    expect(await command.waitForExit()).toBe(0);
    expect(command.output).toContain('Connected again.');
    expect(command.output).toContain('15 applied');
    await second.stop();
  });

  it.each([
    ['JSON', JSON.stringify({ entries: [{ user: addresses[0], ring: 'off' }] })],
    ['CSV', `user;ring\n${addresses[0]};off\n`],
  ])('reads %s from standard input', async (form, input) => {
    const name = `from-${form}`;
    const { code, output } = await run(['-', ...toUrl(), '--no-wait', '--batch', name], {}, input);
    expect([code, output]).toEqual([0, expect.stringContaining(`Sent as the batch ${name}.`)]);
    await eventually(
      () => system.call('GET', `/api/bulk/${name}`),
      ({ status, body }) => status === 200 && batchSchema.parse(body).finished,
    );
  });

  it('reads a file of JSON', async () => {
    const json = join(directory, 'entries.json');
    await writeFile(json, JSON.stringify({ entries: [{ user: addresses[0], ring: 'off' }] }));
    expect((await run([json, ...toUrl(), '--validate'])).code).toBe(0);
  });

  it.each([
    ['no file', [], 'Name the file to send'],
    ['no destination', ['people.csv'], 'Say where to send'],
    ['two destinations', ['people.csv', '--queue', '--url', 'https://x.example'], 'not both'],
    ['a misspelt option', ['people.csv', '--urk', 'x'], 'Did you mean --url?'],
    ['an unknown option', ['people.csv', '--colour=x'], '--help'],
    ['a key in the clear', ['people.csv', '--url', 'http://my-app.example'], 'https://'],
    ['a key in the URL', ['people.csv', '--url', 'https://my-app.example/?code=abcd'], 'SIMRING_KEY'],
    ['a file that is not there', ['absent.csv', '--url', 'http://127.0.0.1:1'], 'cannot be read'],
    [
      'a file of settings that is not there',
      ['x.csv', '--queue', '--settings', 'absent.json'],
      'absent.json',
    ],
  ])('says in one line what is wrong with %s, and ends with 2', async (_what, parameters, words) => {
    const { code, output } = await run(parameters);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toContain(words);
    expect(output).not.toContain('abcd');
    expect(code).toBe(2);
  });

  it('names the settings that are missing for the queue', async () => {
    const { code, output } = await run([await fileOf('x.csv', [row(0)]), '--queue']);
    expect(code).toBe(2);
    expect(output).toContain('SIP_DOMAINS is missing');
  });

  it('prints its help', async () => {
    const { code, output } = await run(['--help']);
    expect(code).toBe(0);
    expect(z.string().parse(output)).toContain('Exit codes');
  });
});
