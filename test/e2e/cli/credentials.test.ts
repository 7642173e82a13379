import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeSettingsFile } from '../../../infra/local/settings-file.ts';
import { Command } from '../../support/e2e/command.ts';
import { eventually, localUser, System } from '../../support/e2e/system.ts';

const alice = localUser('alice@cli.example');
const wrong = localUser('wrong@cli.example');
const entry = '../cli/credentials.ts';

let system: System;
let directory: string;
let settings: string;

beforeAll(async () => {
  system = await System.start([alice, wrong]);
  directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-credentials-'));
  settings = join(directory, 'local.settings.json');
  await writeSettingsFile(settings, system.services.environment, system.services.certificate, undefined);
});

afterAll(async () => {
  await system?.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(() => system.services.vault.clearFaults());

function credentials(...parameters: readonly string[]): Command {
  const command = new Command(entry, [...parameters, '--settings', settings], {});
  onTestFinished(() => command.signal('SIGKILL'));
  return command;
}

function secretOf(address: string): string {
  return `ucwa-${address.replaceAll('@', '-40').replaceAll('.', '-2e')}`;
}

function versions(address: string): number {
  return system.services.vault.countVersions(secretOf(address));
}

/** Writes a file with the passwords `Secret…`, which must appear nowhere. */
async function writeCredentials(name: string, addresses: readonly string[]): Promise<string> {
  const file = join(directory, name);
  const rows = addresses.map((address, nth) => `${address},CORP\\${nth},Secret-${nth}-x`);
  await writeFile(file, ['Email,User name,Password', ...rows].join('\r\n'));
  return file;
}

/** Waits until so many of these secrets have more than `before` versions. */
async function written(addresses: readonly string[], count: number, before = 0): Promise<void> {
  await eventually(
    async () => addresses.filter((address) => versions(address) > before).length,
    (found) => found >= count,
  );
}

describe('npm run credentials -- import', () => {
  it.each([
    { how: 'new secrets', option: [], before: 0 },
    { how: 'secrets that it replaces', option: ['--replace'], before: 1 },
  ])(
    'writes $how once each, although it is killed twice',
    async ({ option, before }) => {
      const addresses = Array.from({ length: 5_000 }, (_, nth) => `u${nth}x${before}@cli.example`);
      for (const address of before === 0 ? [] : addresses)
        system.services.vault.setSecret(secretOf(address), '{}');
      const file = await writeCredentials(`many-${before}.csv`, addresses);
      const report = join(directory, `report-${before}.csv`);
      const start = () => credentials('import', file, '--report', report, ...option);
      const printed: string[] = [];
      for (const part of [1_000, 3_000]) {
        const command = start();
        await written(addresses, part, before);
        command.signal('SIGKILL');
        await command.waitForExit();
        printed.push(command.output);
      }
      const last = start();
      expect([await last.waitForExit(), last.output]).toEqual([0, expect.stringContaining(', 0 failed.')]);
      expect(addresses.filter((address) => versions(address) !== before + 1)).toEqual([]);
      const told = [...printed, last.output, await readFile(report, 'utf8')].join('\n');
      expect(told).not.toContain('Secret-');
      expect(told).toContain(secretOf(`u4999x${before}@cli.example`));
    },
    240_000,
  );

  it('writes each once although the vault limits, fails and breaks connections', async () => {
    const addresses = Array.from({ length: 40 }, (_, nth) => `limited${nth}@cli.example`);
    const file = await writeCredentials('limited.csv', addresses);
    const { vault } = system.services;
    vault.fail({ status: 429, retryAfterSeconds: 1, times: 3 });
    vault.fail({ name: secretOf('limited7@cli.example'), status: 503, times: 2 });
    vault.fail({ name: secretOf('limited8@cli.example'), kind: 'reset', times: 1 });
    const command = credentials('import', file);
    expect([await command.waitForExit(), command.output]).toEqual([
      0,
      '40 written, 0 there before, 0 failed.\n',
    ]);
    expect(addresses.filter((address) => versions(address) !== 1)).toEqual([]);
  });

  it('tells how to recover a secret that was deleted, and writes the others', async () => {
    const { vault } = system.services;
    vault.setSecret(secretOf('gone@cli.example'), '{}');
    vault.softDeleteSecret(secretOf('gone@cli.example'));
    const file = await writeCredentials('gone.csv', ['gone@cli.example', 'stays@cli.example']);
    const command = credentials('import', file);
    expect(await command.waitForExit()).toBe(1);
    expect(command.output).toContain('Line 2: ');
    expect(command.output).toMatch(
      /az keyvault secret recover --id https:\/\/\S+\/deletedsecrets\/ucwa-gone-40cli-2eexample/,
    );
    expect(command.output).toContain('1 written, 0 there before, 1 failed.');
    expect(command.output).not.toContain('Secret-');
    expect(versions('stays@cli.example')).toBe(1);
  });

  it('stops on Ctrl-C after what is in flight, and goes on when it is run again', async () => {
    const addresses = Array.from({ length: 2_000 }, (_, nth) => `stop${nth}@cli.example`);
    const file = await writeCredentials('stop.csv', addresses);
    const command = credentials('import', file);
    await written(addresses, 20);
    command.signal('SIGINT');
    expect(await command.waitForExit()).toBe(130);
    expect(command.output).toContain('To go on, run the same command again.');
    expect(await credentials('import', file).waitForExit()).toBe(0);
    expect(addresses.filter((address) => versions(address) !== 1)).toEqual([]);
  }, 120_000);

  it('tells every problem of a file with its line, and writes nothing', async () => {
    const file = join(directory, 'wrong.csv');
    await writeFile(
      file,
      'user,username,password\nok@cli.example,C\\ok,Secret-1\nnobody,C\\n,Secret-2\nx@cli.example,,Secret-3\nok@cli.example,C\\ok,Secret-4\n',
    );
    const command = credentials('import', file);
    expect(await command.waitForExit()).toBe(2);
    expect(command.output.match(/^Line \d+/gm)).toEqual(['Line 3', 'Line 4', 'Line 5']);
    expect(command.output).not.toContain('Secret-');
    expect(versions('ok@cli.example')).toBe(0);
  });
});

describe('npm run credentials', () => {
  it('lists the users without a secret', async () => {
    const { vault } = system.services;
    vault.setSecret(secretOf('off@cli.example'), '{}');
    vault.disableSecret(secretOf('off@cli.example'));
    const users = ['alice@cli.example', 'none@cli.example', 'off@cli.example'];
    const command = credentials('missing', await writeCredentials('missing.csv', users));
    expect(await command.waitForExit()).toBe(1);
    expect(command.output).toMatch(/^none@cli\.example$/m);
    expect(command.output).toMatch(/^off@cli\.example$/m);
    expect(command.output).not.toMatch(/^alice@cli\.example$/m);
    expect(command.output).toMatch(/2 of 3 users have no secret in \S+, 1 of them one that is disabled\./);
  });

  it('imports what it reads from standard input', async () => {
    const rows = 'email,login,password\npiped@cli.example,CORP\\piped,Secret-piped\n';
    const command = new Command(entry, ['import', '-', '--settings', settings], {}, rows);
    expect([await command.waitForExit(), command.output]).toEqual([
      0,
      '1 written, 0 there before, 0 failed.\n',
    ]);
    expect(versions('piped@cli.example')).toBe(1);
  });

  it('prints the name of a secret', async () => {
    const command = credentials('name', 'Alice@CLI.example');
    expect([await command.waitForExit(), command.output]).toEqual([0, 'ucwa-alice-40cli-2eexample\n']);
  });

  it.each([
    ['over HTTP', () => ['--url', system.functions.url]],
    ['by the queue', () => ['--queue']],
  ])('verifies %s by signing in as each, and tells a wrong password', async (_way, to) => {
    const value = JSON.stringify({ username: wrong.username, password: 'Secret-bad' });
    system.services.vault.setSecret(secretOf('wrong@cli.example'), value);
    const file = await writeCredentials('verify.csv', ['alice@cli.example', 'wrong@cli.example']);
    const command = credentials('verify', file, ...to());
    expect(await command.waitForExit()).toBe(1);
    expect(command.output).toMatch(/^wrong@cli\.example: failed \(credentials?-\S+\)\. /m);
    expect(command.output).toContain('1 of 2 users can sign in.');
    expect(command.output).not.toContain('Secret-');
    expect(system.count('write', 'alice@cli.example')).toBe(0);
  });

  it.each([
    ['export', 'x.csv', 'There is no command export'],
    ['import', '--repalce', 'Did you mean --replace?'],
    ['missing', '--replace', 'is for import alone'],
  ])('exits with 2 and one line that says what is wrong: %s %s', async (name, more, words) => {
    const command = credentials(name, 'x.csv', more);
    expect([await command.waitForExit(), command.output]).toEqual([2, expect.stringContaining(words)]);
    expect(command.output.trim().split('\n')).toHaveLength(1);
  });

  it('leaves no report and no state where the vault cannot be read', async () => {
    const file = await writeCredentials('untouched.csv', ['untouched@cli.example']);
    const report = `${file}.report.csv`;
    system.services.vault.fail({ status: 403, code: 'ForbiddenByRbac' });
    const command = credentials('import', file, '--report', report);
    expect(await command.waitForExit()).toBe(1);
    expect(command.output).toContain('Key Vault Secrets Officer');
    await expect(access(report)).rejects.toThrow('ENOENT');
    await expect(access(`${file}.simring-import`)).rejects.toThrow('ENOENT');
  });
});
