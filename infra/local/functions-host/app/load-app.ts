import { globSync, readFileSync } from 'node:fs';
import Module, { createRequire, type ModuleHooks, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { FunctionApp } from './function-app.ts';
import { HostConfigurationError } from './host-json.ts';

const packageSchema = z.object({ main: z.string({ error: 'names no entry point of the app' }).min(1) });

// Required, not imported, so that it is Node that loads it, whatever loads this module (see there).
const { importModule }: typeof import('./import-module.ts') = createRequire(import.meta.url)(
  './import-module.ts',
);

// `require` is one for the whole process, so apps are loaded one after the other.
let lastLoad: Promise<unknown> = Promise.resolve();

/**
 * Imports the files that `main` of the app's package.json matches, in the order of their names, and runs the `appStart`
 * hooks; meanwhile `require('@azure/functions-core')` is answered by `app`. Node caches ES modules: one process loads
 * a folder once, unless each further load has a `moduleQuery` of its own (see `followQuery`).
 */
export function loadApp(app: FunctionApp, appDirectory: string, moduleQuery = ''): Promise<void> {
  const load = lastLoad.then(() => importEntryPoints(app, appDirectory, moduleQuery));
  lastLoad = load.catch(() => {});
  return load;
}

/**
 * Carries the query of the entry points over to the modules that they import from the app folder: otherwise a second
 * load would meet the chunks of the first, and with them a library that has registered already. Undone by `deregister`.
 */
export function followQuery(appDirectory: string, moduleQuery: string): ModuleHooks {
  const folder = pathToFileURL(join(appDirectory, '/')).href;
  return registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const follows = context.parentURL?.endsWith(moduleQuery) && resolved.url.startsWith(folder);
      return follows && !resolved.url.endsWith(moduleQuery)
        ? { ...resolved, url: resolved.url + moduleQuery }
        : resolved;
    },
  });
}

async function importEntryPoints(app: FunctionApp, appDirectory: string, moduleQuery: string): Promise<void> {
  const files = findEntryPoints(appDirectory);
  const restoreRequire = answerRequire(() => app.createCore());
  try {
    for (const file of files) await importEntryPoint(join(appDirectory, file), moduleQuery);
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
    throw new HostConfigurationError(`"main" of ${path}, "${main}", matches no file: is the app built?`);
  }
  return files;
}

function readMain(path: string): string {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).main;
  } catch (cause) {
    throw new HostConfigurationError(`${path} does not tell the entry point of the app in "main".`, {
      cause,
    });
  }
}

async function importEntryPoint(path: string, moduleQuery: string): Promise<void> {
  try {
    await importModule(pathToFileURL(path).href + moduleQuery);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The entry point "${path}" cannot be loaded: ${reason}`, { cause });
  }
}

function answerRequire(createCore: () => object): () => void {
  const original = Module.prototype.require;
  Module.prototype.require = function answer(this: Module, id: string): unknown {
    return id === '@azure/functions-core' ? createCore() : original.call(this, id);
  };
  return () => {
    Module.prototype.require = original;
  };
}
