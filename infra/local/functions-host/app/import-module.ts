/** Node's own import: a test runner turns that of the modules it loads into one of its own, with its own cache. */
export function importModule(url: string): Promise<unknown> {
  return import(url);
}
