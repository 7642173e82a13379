/** Imports with Node's own loader: a test runner replaces `import` in the modules that it loads with its own, which has its own cache. */
export function importModule(url: string): Promise<unknown> {
  return import(url);
}
