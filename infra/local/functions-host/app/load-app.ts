import { globSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { HostConfigurationError } from './configuration-error.ts';
import type { FunctionApp } from './function-app.ts';

const packageSchema = z.object({ main: z.string({ error: 'does not name the entry points' }).min(1) });

// Required instead of imported, so that Node itself loads it (see there).
const { importModule }: typeof import('./import-module.ts') = createRequire(import.meta.url)(
  './import-module.ts',
);

// `require` is shared by the whole process, so that apps must be loaded one after the other.
let lastLoad: Promise<unknown> = Promise.resolve();

/**
 * Imports the files that `main` of the app's package.json matches, in the order of their names, and runs the `appStart` hooks;
 * meanwhile `require('@azure/functions-core')` returns a core of `app`. Node caches ES modules, so that a process can load a
 * folder only once.
 */
export function loadApp(app: FunctionApp, appDirectory: string): Promise<void> {
  const load = lastLoad.then(() => importEntryPoints(app, appDirectory));
  lastLoad = load.catch(() => {});
  return load;
}

async function importEntryPoints(app: FunctionApp, appDirectory: string): Promise<void> {
  const files = findEntryPoints(appDirectory);
  const restoreRequire = replaceRequire(() => app.createCore());
  try {
    for (const file of files) await importEntryPoint(join(appDirectory, file));
    const { appLevelHookData: hookData, appHookData } = app;
    await app.runHooks('appStart', { hookData, appHookData, functionAppDirectory: appDirectory });
    app.lock();
  } finally {
    restoreRequire();
  }
}

function findEntryPoints(appDirectory: string): string[] {
  const path = join(appDirectory, 'package.json');
  const main = readMain(path);
  const files = globSync(main, { cwd: appDirectory }).sort();
  if (files.length === 0) {
    throw new HostConfigurationError(`"main" of ${path}, "${main}", matches no file: build the app first.`);
  }
  return files;
}

function readMain(path: string): string {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).main;
  } catch (cause) {
    throw new HostConfigurationError(`${path} does not name the entry points of the app in "main".`, {
      cause,
    });
  }
}

async function importEntryPoint(path: string): Promise<void> {
  try {
    await importModule(pathToFileURL(path).href);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The entry point "${path}" cannot be loaded: ${reason}`, { cause });
  }
}

function replaceRequire(createCore: () => object): () => void {
  const original = Module.prototype.require;
  Module.prototype.require = function replaced(this: Module, id: string): unknown {
    return id === '@azure/functions-core' ? createCore() : original.call(this, id);
  };
  return () => {
    Module.prototype.require = original;
  };
}
