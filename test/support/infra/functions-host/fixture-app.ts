import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

export type FixtureName = 'http' | 'queue' | 'timer' | 'hooks';

const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

const appDirectories: string[] = [];

afterAll(async () => {
  for (const directory of appDirectories) await rm(directory, { recursive: true });
});

/**
 * Builds an app folder from the named fixtures, bundled with the real library, which is removed after the tests of the file. With
 * `splitting` (the default) the entry points share one copy of the library; without it each has its own.
 */
export async function buildFixtureApp(options: {
  fixtures: readonly FixtureName[];
  hostJson?: object;
  splitting?: boolean;
}): Promise<string> {
  const appDirectory = await mkdtemp(join(tmpdir(), 'functions-host-'));
  appDirectories.push(appDirectory);
  await build({
    entryPoints: options.fixtures.map((name) => join(import.meta.dirname, 'fixture', `${name}.ts`)),
    outdir: join(appDirectory, 'dist/functions'),
    bundle: true,
    splitting: options.splitting ?? true,
    chunkNames: '../chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: ['@azure/functions-core'],
    banner: { js: banner },
    logLevel: 'error',
  });
  await writeFile(join(appDirectory, 'package.json'), '{"type":"module","main":"dist/functions/*.js"}');
  await writeFile(join(appDirectory, 'host.json'), JSON.stringify({ version: '2.0', ...options.hostJson }));
  return appDirectory;
}
