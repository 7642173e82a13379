import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Lints one file with the project's rules, in a folder of its own. */
function lint(path: string, source: string): { code: number | null; output: string } {
  const directory = mkdtempSync(join(tmpdir(), 'simultaneous-ring-lint-'));
  try {
    for (const file of ['.biome.json', '.gitignore']) copyFileSync(join(root, file), join(directory, file));
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), source);
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const run = spawnSync(process.execPath, [biome, 'lint', '--max-diagnostics=50', path], {
      cwd: directory,
      encoding: 'utf8',
    });
    return { code: run.status, output: run.stdout + run.stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What a file in each room must not import: the rooms and libraries above it, or beside it. */
const forbidden: readonly (readonly [file: string, specifiers: readonly string[]])[] = [
  [
    'shared/runtime/new.ts',
    [
      '../ucwa/uri.ts',
      '../ring/model/outcome.ts',
      '../http/problem.ts',
      '../azure/app.ts',
      '@azure/identity',
      'node-fetch',
      'libphonenumber-js/max',
    ],
  ],
  [
    'shared/ucwa/new.ts',
    [
      '../ring/model/outcome.ts',
      '../http/problem.ts',
      '../azure/app.ts',
      '@azure/identity',
      'libphonenumber-js',
    ],
  ],
  ['shared/ucwa/transport/new.ts', ['../../ring/model/outcome.ts', '@azure/functions']],
  [
    'shared/ring/model/new.ts',
    [
      '../ports/ledger.ts',
      '../attempt/attempt.ts',
      '../user/claim.ts',
      '../batch/plan.ts',
      '../serve-caller.ts',
      '../../azure/app.ts',
      '../../http/problem.ts',
      '@azure/data-tables',
    ],
  ],
  [
    'shared/ring/ports/new.ts',
    [
      '../attempt/attempt.ts',
      '../user/claim.ts',
      '../batch/plan.ts',
      '../serve-caller.ts',
      '../../azure/app.ts',
    ],
  ],
  ['shared/ring/attempt/new.ts', ['../user/claim.ts', '../batch/plan.ts', '../serve-caller.ts']],
  ['shared/ring/user/new.ts', ['../batch/plan.ts', '../serve-caller.ts', '../../http/problem.ts']],
  ['shared/ring/batch/new.ts', ['../serve-caller.ts', '../../azure/app.ts']],
  [
    'shared/ring/new.ts',
    ['../azure/app.ts', '../http/problem.ts', '../console/page.ts', '@azure/storage-queue'],
  ],
  ['shared/http/new.ts', ['../ucwa/uri.ts', '../azure/instance.ts', '../console/page.ts']],
  ['shared/azure/new.ts', ['../http/problem.ts', '../console/page.ts', '@azure/functions']],
  ['shared/azure/storage/new.ts', ['../../http/problem.ts', '../../../functions/health.ts']],
  [
    'shared/console/new.ts',
    [
      '../runtime/json.ts',
      '../ring/model/outcome.ts',
      '../http/problem.ts',
      '../azure/app.ts',
      'node:fs',
      '@azure/identity',
    ],
  ],
  [
    'functions/new.ts',
    ['../shared/ucwa/uri.ts', '../infra/local/ports.ts', '@azure/identity', '@azure/storage-queue'],
  ],
  [
    'infra/local/new.ts',
    [
      '../../shared/runtime/json.ts',
      '../../shared/ucwa/uri.ts',
      '../../shared/ring/model/outcome.ts',
      '../../shared/azure/app.ts',
      '../../functions/simultaneous-ring.ts',
    ],
  ],
];

/** What each room needs from the rooms below it. */
const allowed: readonly (readonly [file: string, specifiers: readonly string[]])[] = [
  ['shared/ucwa/new.ts', ['../runtime/json.ts', 'node-fetch']],
  ['shared/ring/model/new.ts', ['../../runtime/result.ts', '../../ucwa/uri.ts', 'libphonenumber-js/max']],
  ['shared/ring/ports/new.ts', ['../model/outcome.ts', '../../ucwa/client.ts']],
  ['shared/ring/attempt/new.ts', ['../model/outcome.ts', '../ports/deps.ts', '../../ucwa/errors.ts']],
  ['shared/ring/user/new.ts', ['../attempt/attempt.ts', '../ports/deps.ts', '../../ucwa/session.ts']],
  ['shared/ring/batch/new.ts', ['../user/change-ring.ts', '../ports/deps.ts', '../../runtime/result.ts']],
  ['shared/ring/new.ts', ['./batch/submit.ts', './user/change-ring.ts']],
  ['shared/http/new.ts', ['../ring/model/outcome.ts', '../runtime/result.ts', '@azure/functions']],
  ['shared/azure/new.ts', ['../ring/ports/deps.ts', '../ucwa/client.ts', '@azure/identity']],
  ['functions/new.ts', ['../shared/azure/instance.ts', '../shared/http/serve.ts', '@azure/functions']],
];

function lintImports(file: string, specifiers: readonly string[]) {
  const imports = specifiers.map((specifier, index) => `import * as used${index} from '${specifier}';`);
  const uses = specifiers.map((_, index) => `console.log(used${index});`);
  return lint(file, `${[...imports, ...uses].join('\n')}\n`);
}

function restrictedImports(output: string): number {
  return output.split('lint/style/noRestrictedImports').length - 1;
}

describe('the lint rule', () => {
  it.each(forbidden)('refuses each import in %s that is not from a room below: %j', (file, specifiers) => {
    const { code, output } = lintImports(file, specifiers);
    expect(code).not.toBe(0);
    expect(restrictedImports(output)).toBe(specifiers.length);
  });

  it.each(allowed)('allows %s to import from the rooms below: %j', (file, specifiers) => {
    expect(restrictedImports(lintImports(file, specifiers).output)).toBe(0);
  });

  it.each([
    'shared/runtime/new.ts',
    'shared/ucwa/new.ts',
    'shared/ring/new.ts',
    'shared/ring/model/new.ts',
    'shared/http/new.ts',
    'shared/azure/new.ts',
    'functions/new.ts',
  ])('refuses process.env in %s: only the settings read it', (file) => {
    const { code, output } = lint(file, "export const home = process.env['HOME'];\n");
    expect(code).not.toBe(0);
    expect(output).toContain('noProcessEnv');
  });

  it('allows process.env in the settings', () => {
    const { output } = lint(
      'shared/azure/settings/settings.ts',
      "export const home = process.env['HOME'];\n",
    );
    expect(output).not.toContain('noProcessEnv');
  });
});
