import { globSync, readFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Imports the built functions of the folder given, or else the libraries unbundled, and prints how long it took. */
const [appDirectory] = process.argv.slice(2);

/** The part of the host that @azure/functions uses before the first call. */
const core = {
  version: '3.0.0',
  hostVersion: '4.0.0',
  setProgrammingModel: () => {},
  getProgrammingModel: () => undefined,
  registerFunction: () => ({ dispose: () => {} }),
  registerHook: () => ({ dispose: () => {} }),
  log: () => {},
  Disposable: class {
    dispose(): void {}
  },
};
const original = Module.prototype.require;
Module.prototype.require = function requireOrCore(this: Module, id: string): unknown {
  return id === '@azure/functions-core' ? core : original.call(this, id);
};

const modules = appDirectory === undefined ? dependencies() : builtFunctions(appDirectory);
if (modules.length === 0) throw new Error('No modules to import were found.');
const startMs = performance.now();
for (const module of modules) await import(module);
console.log(`Imported in ${(performance.now() - startMs).toFixed(1)} ms`);

function builtFunctions(directory: string): readonly string[] {
  const files = globSync('dist/functions/*.js', { cwd: directory }).sort();
  return files.map((file) => pathToFileURL(join(directory, file)).href);
}

/** Returns the libraries that are bundled into the functions. */
function dependencies(): readonly string[] {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return Object.keys(JSON.parse(text).dependencies);
}
