import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = 'shared/console';

/** The browsers that the page is built for: those of the last three years. */
const target = ['chrome118', 'firefox118', 'safari17'];

/**
 * Bundles the console into `outdir`: `index.html`, one script and one style sheet. Their names hold a hash of their content,
 * so that browsers may keep them for ever. The same sources make the same bytes anywhere.
 */
export async function buildConsole(outdir: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { console: `${source}/main.tsx`, style: `${source}/console.css` },
    outdir,
    entryNames: '[name]-[hash]',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target,
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  const page = await readFile(join(root, source, 'page.html'), 'utf8');
  const html = page.replace('{{js}}', nameOf(names, '.js')).replace('{{css}}', nameOf(names, '.css'));
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, 'index.html'), html);
}

function nameOf(names: readonly string[], ending: string): string {
  const name = names.find((one) => one.endsWith(ending));
  if (name === undefined) throw new Error(`The build of the console made no file ${ending}.`);
  return name;
}
