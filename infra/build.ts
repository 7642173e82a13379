import { globSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** esbuild leaves `require` in the libraries that are CommonJS; an ES module has none of its own. */
const banner = `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`;

/**
 * Bundles each function, with what they share in chunks, so that a cold start reads only what it needs: libraries
 * behind `import()` stay apart. The host itself brings `@azure/functions-core`. Source maps say where the sources lie, seen
 * from `outdir`, and the names of chunks are made of these too: without maps the same sources make the same bytes anywhere.
 */
export async function buildFunctions(outdir = `${root}dist`, { sourcemap = true } = {}): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: globSync('functions/*.ts', { cwd: root }),
    outdir,
    outbase: '.',
    entryNames: '[dir]/[name]',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    // Names stay as they are, since errors and stacks tell them: to keep them beside shorter ones costs time at each closure.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap,
    sourcesContent: false,
    // node-fetch asks for the polyfill where Node has no streams of the web; every Node that Azure runs has them. debug takes
    // supports-color where some tool brought it along: what is deployed must not hang on that.
    external: ['@azure/functions-core', 'web-streams-polyfill/*', 'supports-color'],
    banner: { js: banner },
    logLevel: 'warning',
  });
}

/** Builds the app into a folder of its own, as it is deployed: the bundle, host.json and package.json. */
export async function buildApp(directory: string): Promise<void> {
  await buildFunctions(join(directory, 'dist'));
  for (const file of ['host.json', 'package.json']) await cp(join(root, file), join(directory, file));
}

if (import.meta.main) await buildFunctions();
