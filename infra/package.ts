import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Zippable, zipSync } from 'fflate';
import { buildFunctions } from './build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A zip's earliest date, in local time as zips store it, so that place and time of packing do not change the bytes. */
const writtenOn = new Date(1980, 0, 1);

/** Unix attributes of a regular file that everyone may read. */
const readable = { os: 3, attrs: 0o100644 << 16, mtime: writtenOn, level: 9 } as const;

/** The properties of package.json that the host reads: which files are functions, and that they are ES modules. */
const keptProperties = ['name', 'version', 'private', 'type', 'main', 'engines'] as const;

/**
 * Returns the zip to deploy: the built functions, `host.json` and the part of `package.json` that the host needs. It runs
 * without `node_modules`, and the same sources make the same bytes wherever they are checked out.
 */
export async function makePackage(): Promise<Uint8Array> {
  const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-package-'));
  try {
    await buildFunctions(join(directory, 'dist'), { sourcemap: false });
    const files = globSync('dist/**/*.{js,css,html}', { cwd: directory }).map((file) =>
      file.replaceAll('\\', '/'),
    );
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
