import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSettings, settingNames } from '../../shared/azure/settings/settings.ts';
import { problem } from '../../shared/http/problem.ts';
import { failureCodes } from '../../shared/ring/model/failure-code.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const books = globSync('**/README.md', {
  cwd: root,
  exclude: (path) => path === 'node_modules' || path === 'dist',
}).map((book) => book.replaceAll('\\', '/'));
const callers = read('functions/README.md');
const administrators = read('infra/README.md');

/** The rows of all tables, by the text of their first cell. */
function rowsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  return new Map(
    rows.map((row) => {
      const [, first = '', ...cells] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return [first, cells];
    }),
  );
}

/** The other cells of the row whose first cell has the name in backticks, alone or among others. */
function rowNaming(text: string, name: string): readonly string[] | undefined {
  for (const [first, cells] of rowsOf(text)) if (first.includes(`\`${name}\``)) return cells;
  return undefined;
}

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```/g, '');
}

/** The anchors that GitHub makes from a book's headings. */
function anchorsOf(book: string): ReadonlySet<string> {
  const headings = [...withoutCode(read(book)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

interface Link {
  readonly book: string;
  readonly target: string;
}

const links: readonly Link[] = books.flatMap((book) =>
  [...withoutCode(read(book)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => ({
    book,
    target,
  })),
);

/** Returns whether the link's file exists and has the heading that the anchor names, if any. */
function resolves({ book, target }: Link): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? book : join(dirname(book), path).replaceAll('\\', '/');
  return existsSync(join(root, file)) && (anchor === undefined || anchorsOf(file).has(anchor));
}

describe('the books', () => {
  it('have only links and anchors that resolve', () => {
    expect(books).toContain('README.md');
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !resolves(link))).toEqual([]);
  });
});

describe('the map of the code', () => {
  const files = globSync('{functions,shared,infra,test}/**/*.{ts,bicep,kql,md}', {
    cwd: root,
    exclude: (path) => path.includes('node_modules'),
  }).map((file) => `/${file.replaceAll('\\', '/')}`);

  /** Returns whether a file has this path, or ends with it; `…` stands for folders in between. */
  function exists(path: string): boolean {
    const [first = '', last = first] = path.split('…');
    return files.some(
      (file) => file.includes(`/${first}`) && file.endsWith(last.startsWith('/') ? last : `/${last}`),
    );
  }

  it('names only files that exist', () => {
    const named = [...read('shared/README.md').matchAll(/`([^`\s]+\.(?:ts|bicep|kql|md))`/g)];
    const paths = named.map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(80);
    expect(paths.filter((path) => !exists(path))).toEqual([]);
  });
});

describe('the book for callers', () => {
  it.each(failureCodes)('gives the status of %s, its meaning and what to do about it', (code) => {
    const [status, meaning, , advice] = rowNaming(callers, code) ?? [];
    const sent = problem(code, { detail: '', correlationId: '' }).status;
    expect(status).toBe(String(sent));
    expect(meaning).toMatch(/\w/);
    expect(advice).toMatch(/\w/);
  });

  it('names every function, in the row of its file', () => {
    const files = globSync('functions/*.ts', { cwd: root });
    const registered = files.flatMap((file) =>
      [...read(file).matchAll(/\bapp\.(?:http|timer|storageQueue)\('([\w-]+)'/g)].map(([, name = '']) => ({
        file: file.replaceAll('\\', '/').replace('functions/', ''),
        name,
      })),
    );
    expect(registered.length).toBeGreaterThanOrEqual(10);
    for (const { file, name } of registered)
      expect(rowNaming(callers, file)?.[0], file).toContain(`\`${name}\``);
  });
});

describe('the book for administrators', () => {
  it('names every setting that the code reads', () => {
    expect(settingNames.filter((name) => !administrators.includes(`\`${name}\``))).toEqual([]);
  });

  it('shows the default of each number as the code has it', () => {
    const parsed = readSettings({
      SIP_DOMAINS: 'contoso.com',
      KEY_VAULT_URL: 'https://vault.example/',
      BulkStorage: 'UseDevelopmentStorage=true',
    });
    if (!parsed.ok) throw new Error('The required settings are not sufficient.');
    const numbers = Object.entries(parsed.value).filter(([, value]) => typeof value === 'number');
    expect(numbers.length).toBeGreaterThanOrEqual(8);
    for (const [name, value] of numbers)
      expect(rowNaming(administrators, name)?.[1], name).toBe(String(value));
  });

  it('names every event that the code logs', () => {
    const sources = globSync('{functions,shared}/**/*.ts', { cwd: root }).map(read);
    const events = sources.flatMap((source) => [...source.matchAll(/\bevent: ['`]([a-z-]+)/g)]);
    const names = new Set(events.map(([, name = '']) => name));
    expect(names.size).toBeGreaterThanOrEqual(10);
    // `pool-${state}` is the beginning of two names.
    const isNamed = (name: string) =>
      administrators.includes(name.endsWith('-') ? `| \`${name}` : `\`${name}\``);
    expect([...names].filter((name) => !isNamed(name))).toEqual([]);
  });

  it('names every parameter of the template', () => {
    const parameters = [...read('infra/main.bicep').matchAll(/^param (\w+)/gm)].map(([, name = '']) => name);
    expect(parameters.length).toBeGreaterThan(10);
    expect(parameters.filter((name) => rowNaming(administrators, name) === undefined)).toEqual([]);
  });

  it('names the parameter of each setting of the app', () => {
    const settings = /var ownSettings = \{([\s\S]*?)\n\}/.exec(read('infra/main.bicep'))?.[1] ?? '';
    const given = [...settings.matchAll(/^ {2}(\w+): .*?\b(ucwa|work|targets)\.\?(\w+)/gm)];
    expect(given.length).toBeGreaterThan(10);
    for (const [, setting = '', group, name] of given)
      expect(rowNaming(administrators, setting)?.[0], setting).toBe(`\`${group}.${name}\``);
  });
});
