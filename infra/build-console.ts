import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Sources are resolved from the root, so that no path of this machine gets into the bundle. */
const source = './shared/console';

/** A built file of the console. */
export interface ConsoleFile {
  /** A name without a folder. */
  readonly name: string;
  readonly contents: Uint8Array;
}

/**
 * Bundles the console: its page, the page at which a sign-in ends, their scripts and the style sheet. Scripts and style sheet
 * have a hash of their content in their names, so that browsers may keep them for ever, and beside each lies its compressed
 * form, `.br`. The same sources make the same bytes anywhere.
 */
export async function bundleConsole(): Promise<readonly ConsoleFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: {
      console: `${source}/main.tsx`,
      'signed-in': `${source}/signed-in.ts`,
      style: `${source}/console.css`,
    },
    outdir: join(root, 'dist', 'console'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2024',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    tsconfigRaw: {},
  });
  const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  const names = files.map(({ name }) => name);
  const pages = await Promise.all([page('index', 'console', names), page('signed-in', 'signed-in', names)]);
  return [...files, ...(await Promise.all(files.map(compressedFile))), ...pages];
}

/** Fills the names of a page's script and of the style sheet in. */
async function page(name: string, script: string, names: readonly string[]): Promise<ConsoleFile> {
  const text = await readFile(join(root, source, `${name}.html`), 'utf8');
  const html = text.replace('{{js}}', builtName(names, script)).replace('{{css}}', builtName(names, 'style'));
  return { name: `${name}.html`, contents: new TextEncoder().encode(html) };
}

const compress = promisify(brotliCompress);

async function compressedFile({ name, contents }: ConsoleFile): Promise<ConsoleFile> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  return { name: `${name}.br`, contents: await compress(contents, { params }) };
}

/** Bundles the console into a folder. */
export async function buildConsole(outdir: string): Promise<void> {
  await mkdir(outdir, { recursive: true });
  for (const { name, contents } of await bundleConsole()) await writeFile(join(outdir, name), contents);
}

function builtName(names: readonly string[], entry: string): string {
  const built = names.find((name) => name.startsWith(`${entry}-`));
  if (built === undefined) throw new Error(`The build of the console made no file for ${entry}.`);
  return built;
}
