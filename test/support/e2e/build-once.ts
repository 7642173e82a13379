import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildApp } from '../../../infra/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with the built app in the layout of a deployment. */
    appDirectory: string;
  }
}

/** Builds the app once for the whole test run, in a folder of its own instead of `dist`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'simultaneous-ring-'));
  await buildApp(directory);
  project.provide('appDirectory', directory);
  return () => rm(directory, { recursive: true, force: true });
}
