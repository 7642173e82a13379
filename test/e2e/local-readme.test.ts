import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRoutes as vaultRoutes } from '../../infra/local/key-vault/control-api.ts';
import { readLocalUsers } from '../../infra/local/local-users.ts';
import { standardPorts } from '../../infra/local/ports.ts';
import { writeSettingsFile } from '../../infra/local/settings-file.ts';
import { controlRoutes as simulatorRoutes } from '../../infra/local/ucwa-simulator/control/control.ts';
import type { BrokenAnswer } from '../../infra/local/ucwa-simulator/simulator.ts';
import { configure } from '../../infra/local/ucwa-simulator/state/configuration.ts';
import { operations, steps } from '../../infra/local/ucwa-simulator/steps.ts';
import { System } from '../support/e2e/system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}infra/local/README.md`, 'utf8');

/** The compiler requires every kind here, and no other. */
const faultKinds: Readonly<Record<BrokenAnswer['kind'], true>> = {
  hang: true,
  reset: true,
  'reset-in-body': true,
  'slow-body': true,
  'huge-body': true,
  'broken-gzip': true,
  'malformed-json': true,
  'bad-links': true,
  'wrong-shape': true,
  'token-error': true,
};

/** Returns the rows of the table with this header below a heading, each as its cells. */
function tableOf(heading: string, header: string): readonly (readonly string[])[] {
  const section = readme.slice(readme.indexOf(`\n${heading}\n`));
  const table = section
    .slice(section.indexOf(`\n${header}\n`))
    .split('\n')
    .slice(3);
  const end = table.findIndex((line) => !line.startsWith('|'));
  return table.slice(0, end).map((line) => line.split('|').slice(1, -1));
}

/** Returns the texts in backticks. */
function codeIn(text = ''): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Returns the code in the first column of a table, sorted. */
function firstColumn(heading: string, header: string): readonly string[] {
  return tableOf(heading, header)
    .flatMap(([cell]) => codeIn(cell))
    .sort();
}

describe('the README of the local system lists', () => {
  it.each([
    ['## The UCWA simulator', simulatorRoutes],
    ['## The Key Vault emulator', vaultRoutes],
  ])('every route of the control API: %s', (heading, routes) => {
    expect(firstColumn(heading, '| Route | Does |')).toEqual([...routes].sort());
  });

  it('every step, operation and kind of fault', () => {
    const heading = '### Steps and operations';
    expect(firstColumn(heading, '| Step | Requests |')).toEqual([...steps].sort());
    const listed = tableOf(heading, '| Resources | Operations |').flatMap(([, cell]) => codeIn(cell));
    expect([...listed].sort()).toEqual([...operations].sort());
    expect(firstColumn('### Faults', '| `kind` | Failure |')).toEqual(Object.keys(faultKinds).sort());
  });

  it('every variant with its default', () => {
    const listed = tableOf('### Variants', '| Variant | Values, the default first |').map(
      ([name, values]) => [codeIn(name)[0], codeIn(values)[0]],
    );
    const defaults = Object.entries(configure({ users: [] }).variants);
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(defaults.map(([name, value]) => [name, String(value)])),
    );
  });

  it('every port with its default', () => {
    const listed = tableOf('## Ports', '| Variable | Default | Serves |');
    expect(Object.fromEntries(listed.map(([name, port]) => [codeIn(name)[0], Number(port)]))).toEqual(
      standardPorts,
    );
  });

  it('every variable of the local system', () => {
    const sources = globSync('infra/local/**/*.ts', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    );
    const read = sources.flatMap((source) => [...source.matchAll(/\['(LOCAL_\w+)'\]/g)]);
    const listed = firstColumn('## Variables', '| Variable | Meaning |');
    for (const [, name] of read) expect(listed).toContain(name);
    expect(read.length).toBeGreaterThanOrEqual(3);
  });

  it('commands that package.json has', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    const used = [...readme.matchAll(/npm (?:run (?:-s )?)?(start:functions|start|demo)/g)];
    for (const [, name = ''] of used) expect(scripts).toHaveProperty([name]);
    expect(new Set(used.map(([, name]) => name)).size).toBe(3);
  });
});

/** Blocks that talk to the system that `npm start` runs. */
const examples = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, block = '']) => block)
  .filter((block) => block.includes('127.0.0.1'));

describe.runIf(process.platform !== 'win32')('the examples of that README', () => {
  let system: System;
  let directory: string;

  beforeAll(async () => {
    system = await System.start(readLocalUsers(undefined));
    directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-readme-'));
    const { environment, certificate } = system.services;
    await writeSettingsFile(join(directory, 'local.settings.json'), environment, certificate);
  });

  afterAll(async () => {
    await system?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function runExample(block: string): Promise<{ code: number; output: string }> {
    const { ucwa, vault } = system.services;
    const text = block
      .replaceAll('http://127.0.0.1:7071', system.functions.url)
      .replaceAll('http://127.0.0.1:7080/', ucwa.discoveryUrl)
      .replaceAll('https://127.0.0.1:7090', vault.url);
    const child = spawn('bash', ['-c', text], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    const [code] = await once(child, 'close');
    return { code, output };
  }

  it('work when they are copied, in their order', async () => {
    expect(examples.length).toBeGreaterThanOrEqual(8);
    const outputs: string[] = [];
    for (const block of examples) {
      const { code, output } = await runExample(block);
      expect(code, block + output).toBe(0);
      expect(output, block).not.toMatch(/"error":|"code":|Error/);
      outputs.push(output);
      system.tellPrinted(output);
    }
    await system.expectAgreement();
    const all = outputs.join('\n');
    expect(all).toContain('"recovery":["retry","fresh-application"]');
    expect(all).toContain('"operations":{');
    expect(all).toContain('"user":"sip:zoe@contoso.com"');
    expect(all).toContain('"id":"https://');
  }, 60_000);
});
