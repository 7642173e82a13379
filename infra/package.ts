import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Zippable, zipSync } from 'fflate';
import { buildFunctions } from './build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The first day that a zip can name, by the clock on the wall: the same bytes wherever and whenever it is made. */
const writtenOn = new Date(1980, 0, 1);

/** A file that all may read, as Unix writes it into a zip. */
const readable = { os: 3, attrs: 0o100644 << 16, mtime: writtenOn, level: 9 } as const;

/** Of package.json, what the host reads: which files are functions, and that they are ES modules. */
const keptProperties = ['name', 'version', 'private', 'type', 'main', 'engines'] as const;

/**
 * Makes the zip that is deployed: the built functions, `host.json` and what the host needs of `package.json`. It needs no
 * `node_modules` beside it, and the same state of the sources makes the same bytes, wherever it is checked out.
 */
export async function makePackage(): Promise<Uint8Array> {
  const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-package-'));
  try {
    await buildFunctions(join(directory, 'dist'), { sourcemap: false });
    const files = globSync('dist/**/*.js', { cwd: directory }).map((file) => file.replaceAll('\\', '/'));
    const content: Zippable = {};
    for (const file of files.sort()) content[file] = [await readFile(join(directory, file)), readable];
    content['host.json'] = [await readFile(join(root, 'host.json')), readable];
    content['package.json'] = [Buffer.from(await hostPackage()), readable];
    return zipSync(content);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function hostPackage(): Promise<string> {
  const whole = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const kept = Object.fromEntries(keptProperties.map((name) => [name, whole[name]]));
  return `${JSON.stringify(kept, undefined, 2)}\n`;
}

if (import.meta.main) {
  const file = join(root, 'dist', 'simultaneous-ring.zip');
  const zip = await makePackage();
  await mkdir(join(root, 'dist'), { recursive: true });
  await writeFile(file, zip);
  console.log(`dist/simultaneous-ring.zip: ${(zip.byteLength / 1024).toFixed(0)} KiB`);
}
