import { globSync } from 'node:fs';
import { cp, readFile, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type OutputFile, type Plugin, transform } from 'esbuild';
import { buildConsole } from './build-console.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** esbuild keeps the `require` calls of CommonJS libraries, and an ES module has no `require` of its own. */
const banner = `import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);`;

/** What the oldest Node that the project runs on understands. */
const target = 'node22';

/** The checksums of blobs, 93 KB of WebAssembly that the library of storage brings along: queues and tables have none. */
const withoutBlobChecksums: Plugin = {
  name: 'without-blob-checksums',
  setup: ({ onLoad }) => {
    onLoad({ filter: /@azure[\\/]storage-common[\\/].*crc64\.js$/ }, () => ({
      contents: `export default () => Promise.reject(new Error('This bundle has no checksums of blobs.'));`,
    }));
  },
};

/** Libraries whose code reads the names of its own classes. */
const readsItsNames = /[\\/]node_modules[\\/]node-fetch[\\/]/;

/** Shortens the identifiers of libraries: a sixth of the bundle. Those of our own code stay, as errors and stacks show them. */
const shortLibraries: Plugin = {
  name: 'short-libraries',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      if (readsItsNames.test(path)) return undefined;
      const source = await readFile(path, 'utf8');
      const options = { sourcemap: 'inline', sourcesContent: false, sourcefile: basename(path) } as const;
      const { code } = await transform(source, { minifyIdentifiers: true, target, ...options });
      return { contents: code };
    });
  },
};

/**
 * Each function in a file, with shared code in chunks, so that a cold start reads only what it needs: libraries behind
 * `import()` get chunks of their own. Source maps hold paths relative to `outdir`, and chunk names are hashes over them too.
 */
function bundleInto(outdir: string) {
  return {
    absWorkingDir: root,
    entryPoints: globSync('functions/*.ts', { cwd: root }).sort(),
    outdir,
    outbase: '.',
    entryNames: '[dir]/[name]',
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target,
    // `keepNames` would cost time at every closure.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcesContent: false,
    // The host provides functions-core. node-fetch needs the polyfill only on a Node without web streams, which Azure never
    // runs. debug uses supports-color if any package installed it, and the bundle must not depend on that.
    external: ['@azure/functions-core', 'web-streams-polyfill/*', 'supports-color'],
    banner: { js: banner },
    plugins: [withoutBlobChecksums, shortLibraries],
    logLevel: 'warning',
  } as const satisfies BuildOptions;
}

/** Bundles the functions into `outdir`, with source maps beside them, and the console into a folder of its own. */
export async function buildFunctions(outdir = `${root}dist`): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await build({ ...bundleInto(outdir), sourcemap: true });
  await buildConsole(resolve(root, outdir, 'console'));
}

/**
 * Returns the bundle as it is deployed, and the source maps, to which it does not refer. Nothing is written: the paths in the
 * maps always lead from `dist` to the sources, so that the same sources make the same bytes wherever they are checked out.
 */
export async function bundleFunctions(): Promise<readonly OutputFile[]> {
  const options = bundleInto(`${root}dist`);
  const { outputFiles } = await build({
    ...options,
    sourcemap: 'external',
    preserveSymlinks: true,
    write: false,
  });
  return outputFiles;
}

/** Builds the app into `directory` as it is deployed: the bundle, host.json and package.json. */
export async function buildApp(directory: string): Promise<void> {
  await buildFunctions(join(directory, 'dist'));
  for (const file of ['host.json', 'package.json']) await cp(join(root, file), join(directory, file));
}

if (import.meta.main) await buildFunctions();
