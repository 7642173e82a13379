import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export type FixtureName = 'http' | 'queue' | 'timer' | 'hooks';

const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

/**
 * Builds an app folder of its own from the named fixtures, bundled with the real library. `splitting` gives them one copy of
 * the library, otherwise each entry point has its own.
 */
export async function buildFixtureApp(options: {
  fixtures: readonly FixtureName[];
  hostJson?: object;
  splitting?: boolean;
}): Promise<string> {
  const appDirectory = await mkdtemp(join(tmpdir(), 'functions-host-'));
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
