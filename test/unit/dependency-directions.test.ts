import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Lints one file as if it stood in this house: the same rules, a folder of its own. */
function lint(path: string, source: string): { code: number | null; output: string } {
  const house = mkdtempSync(join(tmpdir(), 'simultaneous-ring-lint-'));
  try {
    for (const file of ['.biome.json', '.gitignore']) copyFileSync(join(root, file), join(house, file));
    mkdirSync(dirname(join(house, path)), { recursive: true });
    writeFileSync(join(house, path), source);
    const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
    const run = spawnSync(process.execPath, [biome, 'lint', '--max-diagnostics=50', path], {
      cwd: house,
      encoding: 'utf8',
    });
    return { code: run.status, output: run.stdout + run.stderr };
  } finally {
    rmSync(house, { recursive: true, force: true });
  }
}

describe('dependencies point inwards', () => {
  it.each([
    [
      'shared/ucwa/new.ts',
      "import { parseUser } from '../ring/request.ts';\nparseUser('', { sipDomains: [] });\n",
    ],
    [
      'shared/ucwa/new.ts',
      "import { DefaultAzureCredential } from '@azure/identity';\nnew DefaultAzureCredential();\n",
    ],
    ['shared/ring/new.ts', "import { readSettings } from '../azure/settings.ts';\nreadSettings();\n"],
    [
      'shared/ring/new.ts',
      "import { problem } from '../http/problem.ts';\nproblem('superseded', { detail: '', correlationId: '' });\n",
    ],
    [
      'shared/azure/new.ts',
      "import { problem } from '../http/problem.ts';\nproblem('superseded', { detail: '', correlationId: '' });\n",
    ],
    ['shared/http/new.ts', "import { getApp } from '../azure/wiring.ts';\nawait getApp();\n"],
    ['functions/new.ts', "import { parseSipUri } from '../shared/ucwa/uri.ts';\nparseSipUri('');\n"],
    [
      'infra/local/new.ts',
      "import { readSettings } from '../../shared/azure/settings/settings.ts';\nreadSettings();\n",
    ],
  ])('the lint rule bites in %s', (path, source) => {
    const { code, output } = lint(path, source);
    expect(code).not.toBe(0);
    expect(output).toContain('noRestrictedImports');
  });

  it.each(['shared/ucwa/new.ts', 'shared/ring/new.ts', 'shared/azure/new.ts', 'functions/new.ts'])(
    'nobody but the settings reads the environment: %s',
    (path) => {
      const { code, output } = lint(path, "export const home = process.env['HOME'];\n");
      expect(code).not.toBe(0);
      expect(output).toContain('noProcessEnv');
    },
  );

  it('lets the rooms be used inwards', () => {
    const { code } = lint(
      'shared/azure/new.ts',
      "import { parseSipUri } from '../ucwa/uri.ts';\nparseSipUri('');\n",
    );
    expect(code).toBe(0);
  });
});
