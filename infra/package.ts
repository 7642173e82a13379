import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Zippable, zipSync } from 'fflate';
import { bundleFunctions } from './build.ts';
import { bundleConsole } from './build-console.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A zip's earliest date, in local time as zips store it, so that place and time of packing do not change the bytes. */
const writtenOn = new Date(1980, 0, 1);

/** Unix attributes of a regular file that everyone may read. */
const readable = { os: 3, attrs: 0o100644 << 16, mtime: writtenOn, level: 9 } as const;

/** The properties of package.json that the host reads: which files are functions, and that they are ES modules. */
const keptProperties = ['name', 'version', 'private', 'type', 'main', 'engines'] as const;

/** What is deployed, and what leads from it back to the sources. */
export interface Packed {
  /** The zip to deploy: the built functions, `host.json` and the part of `package.json` that the host needs. */
  readonly zip: Uint8Array;
  /** A zip of the source maps: each has the name of the file in the other zip, and `.map`. */
  readonly maps: Uint8Array;
}

/**
 * Returns the package, which runs without `node_modules`, and its source maps. The same sources make the same bytes wherever
 * they are checked out.
 */
export async function makePackage(): Promise<Packed> {
  const functions = (await bundleFunctions()).map(({ path, contents }) => ({
    name: relative(root, path).replaceAll('\\', '/'),
    contents,
  }));
  const page = (await bundleConsole()).map(({ name, contents }) => ({
    name: `dist/console/${name}`,
    contents,
  }));
  const files = [...functions, ...page].sort((a, b) => (a.name < b.name ? -1 : 1));
  const content: Zippable = {};
  const maps: Zippable = {};
  for (const { name, contents } of files)
    (name.endsWith('.map') ? maps : content)[name] = [contents, readable];
  content['host.json'] = [await readFile(join(root, 'host.json')), readable];
  content['package.json'] = [Buffer.from(await hostPackage()), readable];
  return { zip: zipSync(content), maps: zipSync(maps) };
}

async function hostPackage(): Promise<string> {
  const whole = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const kept = Object.fromEntries(keptProperties.map((name) => [name, whole[name]]));
  return `${JSON.stringify(kept, undefined, 2)}\n`;
}

if (import.meta.main) {
  const { zip, maps } = await makePackage();
  await mkdir(join(root, 'dist'), { recursive: true });
  for (const [name, bytes] of Object.entries({ 'simultaneous-ring': zip, 'simultaneous-ring-maps': maps })) {
    await writeFile(join(root, 'dist', `${name}.zip`), bytes);
    console.log(`dist/${name}.zip: ${(bytes.byteLength / 1024).toFixed(0)} KiB`);
  }
}
