import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = 'shared/console';

/** The browsers that the page is built for: those of the last three years. */
const target = ['chrome118', 'firefox118', 'safari17'];

/** A file of the console. */
export interface ConsoleFile {
  readonly name: string;
  readonly contents: Uint8Array;
}

/**
 * Bundles the console: `index.html`, one script and one style sheet. Their names hold a hash of their content, so that browsers
 * may keep them for ever. The same sources make the same bytes anywhere.
 */
export async function bundleConsole(): Promise<readonly ConsoleFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { console: `${source}/main.tsx`, style: `${source}/console.css` },
    outdir: join(root, 'dist', 'console'),
    entryNames: '[name]-[hash]',
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target,
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    preserveSymlinks: true,
    logLevel: 'warning',
  });
  const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  const page = await readFile(join(root, source, 'page.html'), 'utf8');
  const html = page.replace('{{js}}', nameOf(files, '.js')).replace('{{css}}', nameOf(files, '.css'));
  return [...files, { name: 'index.html', contents: new TextEncoder().encode(html) }];
}

/** Bundles the console into a folder. */
export async function buildConsole(outdir: string): Promise<void> {
  await mkdir(outdir, { recursive: true });
  for (const { name, contents } of await bundleConsole()) await writeFile(join(outdir, name), contents);
}

function nameOf(files: readonly ConsoleFile[], ending: string): string {
  const file = files.find(({ name }) => name.endsWith(ending));
  if (file === undefined) throw new Error(`The build of the console made no file ${ending}.`);
  return file.name;
}
