import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Unzipped, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { batchSchema } from '../../infra/local/demo/batch.ts';
import { makePackage } from '../../infra/package.ts';
import { Tracer } from '../../infra/trace.ts';
import { eventually, localUser, System } from '../support/e2e/system.ts';

const alice = 'alice@package.example';
const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

const mapSchema = z.object({ sources: z.array(z.string()) });

/** Returns the stack of the error that a module's function throws when it is called with nothing, in a Node of its own. */
async function stackOf(file: string, name: string): Promise<string> {
  const code = `import(${JSON.stringify(pathToFileURL(file).href)})
    .then((module) => module[${JSON.stringify(name)}]()).catch((error) => console.log(error.stack))`;
  return (await run(process.execPath, ['-e', code])).stdout;
}

const entrySchema = z.object({ dev: z.boolean().default(false), optional: z.boolean().default(false) });
const lockSchema = z.object({ packages: z.record(z.string(), entrySchema) });

/** Copies what a checkout needs to make the package: the sources, the libraries in the bundle, and the build tools. */
async function copyCheckout(to: string): Promise<void> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const bundled = Object.entries(packages).flatMap(([path, { dev, optional }]) =>
    path === '' || dev || optional ? [] : [path],
  );
  const forConsole = ['preact', '@picocss/pico', '@azure/msal-browser'];
  const tools = ['esbuild', '@esbuild', 'fflate', ...forConsole].map((name) => `node_modules/${name}`);
  const sources = ['functions', 'shared', 'infra/build.ts', 'infra/build-console.ts', 'infra/package.ts'];
  const settings = ['host.json', 'package.json', 'tsconfig.json'];
  const filter = (file: string) => !/\.(map|md|d\.[cm]?ts)$/.test(file);
  for (const path of [...sources, ...settings, ...bundled, ...tools])
    await cp(join(root, path), join(to, path), { recursive: true, filter });
}

let zip: Uint8Array;
let maps: Uint8Array;
let files: Unzipped;
let directory: string;
let system: System | undefined;

beforeAll(async () => {
  ({ zip, maps } = await makePackage());
  files = unzipSync(zip);
  directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-unpacked-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
});

afterAll(async () => {
  await system?.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('the package', () => {
  it('contains the built functions, the console, host.json and package.json, and nothing else', () => {
    const names = Object.keys(files);
    expect(names).toContain('dist/functions/simultaneous-ring.js');
    expect(names).toContain('dist/functions/bulk-process.js');
    const others = names.filter((name) => !/^dist\/(functions|chunks)\/[\w-]+\.js$/.test(name));
    const scripts = others.filter((name) => /^dist\/console\/[\w-]+-[0-9A-Z]{8}\.js$/.test(name));
    const entries = scripts.map((name) => /console\/(.*)-\w+\.js$/.exec(name)?.[1]);
    expect(entries).toEqual(expect.arrayContaining(['console', 'entra-authorization', 'signed-in']));
    const kept = [...scripts, ...others.filter((name) => name.endsWith('.css'))];
    const pages = ['dist/console/index.html', 'dist/console/signed-in.html'];
    const compressed = kept.map((name) => `${name}.br`);
    expect(others.sort()).toEqual([...kept, ...compressed, ...pages, 'host.json', 'package.json'].sort());
    const onServer = names.filter((name) => !others.includes(name));
    const text = onServer.map((name) => Buffer.from(files[name] ?? []).toString('latin1')).join('\n');
    const localClasses = ['UcwaSimulator', 'KeyVaultEmulator', 'FunctionsHost', 'LocalStorage'];
    expect(localClasses.filter((name) => new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  it('is the same, byte for byte, wherever the checkout and the temporary folder are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simultaneous-ring-elsewhere-'));
    try {
      const checkout = join(folder, 'some', 'checkout');
      const temporary = join(folder, 'tmp');
      await mkdir(temporary);
      await copyCheckout(checkout);
      await run(process.execPath, ['infra/package.ts'], {
        cwd: checkout,
        env: { ...process.env, TMPDIR: temporary, TEMP: temporary },
      });
      const other = await readFile(join(checkout, 'dist', 'simultaneous-ring.zip'));
      expect(Object.keys(unzipSync(other))).toEqual(Object.keys(files));
      expect(other.equals(zip)).toBe(true);
      const otherMaps = await readFile(join(checkout, 'dist', 'simultaneous-ring-maps.zip'));
      expect(otherMaps.equals(maps)).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('contains no source maps and refers to none', () => {
    const referring = Object.keys(files).filter((name) =>
      Buffer.from(files[name] ?? []).includes('sourceMappingURL'),
    );
    expect(referring).toEqual([]);
  });

  it('has a source map beside it for each of its scripts on the server, which leads to sources in the checkout', async () => {
    const scripts = Object.keys(files).filter((name) => /^dist\/(functions|chunks)\/.*\.js$/.test(name));
    const mapFiles = unzipSync(maps);
    expect(Object.keys(mapFiles).sort()).toEqual(scripts.map((name) => `${name}.map`).sort());
    const { sources } = mapSchema.parse(
      JSON.parse(Buffer.from(mapFiles['dist/functions/bulk-process.js.map'] ?? []).toString()),
    );
    expect(sources).toContain('../../functions/bulk-process.ts');
    for (const source of sources) await access(join(root, 'dist', 'functions', source));
  });

  it('throws errors whose stacks are mapped to file and line by npm run trace', async () => {
    const chunk = Object.keys(files).find((name) =>
      /export\s*\{[^}]*\bnameOfHash\b/.test(Buffer.from(files[name] ?? []).toString()),
    );
    const stack = await stackOf(join(directory, chunk ?? ''), 'nameOfHash');
    expect(stack).toMatch(/dist\/chunks\/[\w-]+\.js:\d+:\d+/);
    const source = await stackOf(join(root, 'shared/ring/batch/name-of-hash.ts'), 'nameOfHash');
    const [place = ''] = /shared\/ring\/batch\/name-of-hash\.ts:\d+/.exec(source) ?? [];
    const mapsFile = join(directory, 'maps.zip');
    const traceFile = join(directory, 'trace.txt');
    await writeFile(mapsFile, maps);
    await writeFile(traceFile, JSON.stringify({ event: 'unexpected-error', stack }));
    const { stdout } = await run(process.execPath, ['infra/trace.ts', traceFile, mapsFile], { cwd: root });
    expect(place).not.toBe('');
    expect(stdout).toContain(`at base32 (${place}:`);
    expect(stdout).not.toContain('dist/chunks');
  });

  it('of another version is told from this one by npm run trace', async () => {
    const tracer = new Tracer(maps);
    const place = 'dist/chunks/chunk-OTHER123.js:3:17';
    const trace = `Error: x\n    at f (file:///home/site/wwwroot/${place})`;
    expect(tracer.map(trace)).toEqual({ text: trace, unknown: [place] });
  });

  it('serves a PUT and a queue message when it is unpacked, with nothing else installed', async () => {
    system = await System.start([localUser(alice)], { LOCAL_APP_DIRECTORY: directory });
    const put = await system.ring('PUT', alice, { target: '+1 425 555 0123' });
    expect(put.body).toMatchObject({ outcome: 'applied', verified: true });
    const requestedAt = new Date().toISOString();
    const message = {
      schema: 'simring/bulk/1',
      batch: 'unpacked',
      requestedAt,
      entries: [{ user: alice, ring: 'off' }],
    };
    await system.queue('simring-bulk').sendMessage(JSON.stringify(message));
    const status = await eventually(
      async () => {
        const { status: code, body } = (await system?.call('GET', '/api/bulk/unpacked')) ?? {};
        return code === 200 ? batchSchema.parse(body) : undefined;
      },
      (seen) => seen?.finished === true,
    );
    expect(status?.counts).toEqual({ applied: 1 });
    await system.expectAgreement();
  });
});
