import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { buildFunctions } from '../../../infra/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with the built app, as it is deployed. */
    appDirectory: string;
  }
}

/** Builds the app once for the whole run, apart from anybody's `dist`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-'));
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  await buildFunctions(join(directory, 'dist'));
  for (const file of ['host.json', 'package.json']) await cp(join(root, file), join(directory, file));
  project.provide('appDirectory', directory);
  return () => rm(directory, { recursive: true, force: true });
}
