import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readLocalUsers } from '../../infra/local/local-users.ts';
import { eventually, System } from '../support/e2e/system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const books = ['README.md', 'functions/README.md'].map((book) => readFileSync(`${root}${book}`, 'utf8'));

/** The blocks of a language that talk to what `npm start` runs. */
function examplesIn(language: 'sh' | 'powershell'): readonly string[] {
  return [...books.join('\n').matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))]
    .map(([, block = '']) => block)
    .filter((block) => block.includes('127.0.0.1:7071') || block.includes('UseDevelopmentStorage'));
}

const bash = (script: string) => ['bash', '-c', script] as const;
const powerShell = (script: string) =>
  [
    'pwsh',
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    `$ErrorActionPreference = 'Stop'\n${script}`,
  ] as const;

let system: System;

beforeAll(async () => {
  system = await System.start(readLocalUsers(undefined));
});

afterAll(() => system?.stop());

async function run(
  block: string,
  shell: (script: string) => readonly [string, ...string[]],
): Promise<{ code: number; output: string }> {
  const script = block
    .replaceAll('http://127.0.0.1:7071', system.functions.url)
    .replaceAll('UseDevelopmentStorage=true', system.services.environment['BulkStorage'] ?? '');
  const [command, ...parameters] = shell(script);
  const child = spawn(command, parameters, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

describe('the examples of the README and of the book for callers', () => {
  it.runIf(process.platform !== 'win32')('work when they are copied, in their order', async () => {
    const examples = examplesIn('sh');
    expect(examples.length).toBeGreaterThanOrEqual(6);
    for (const block of examples) {
      const { code, output } = await eventually(
        () => run(block, bash),
        ({ output: printed }) => !/batch-not-(?:found|finished)/.test(printed),
      );
      expect(code, block).toBe(0);
      expect(output, block).not.toMatch(/"status":[45]|"code":/);
      system.tellPrinted(output);
    }
    expect(examples.filter((block) => block.includes('--data-binary'))).toHaveLength(2);
    await eventually(
      async () =>
        z
          .object({ batches: z.array(z.object({ finished: z.boolean() })) })
          .parse((await system.call('GET', '/api/bulk')).body),
      ({ batches }) => batches.every(({ finished }) => finished),
    );
    const report = await system.call('GET', '/api/bulk/people', undefined, { accept: 'text/csv' });
    expect(report.text).toMatch(/ana\.silva@contoso\.com,contact,tel:\+442079460018,.*,E1044,applied,/);
    await system.expectAgreement();
  });

  const hasPowerShell = spawnSync('pwsh', ['-Version']).status === 0;

  // Registered only where PowerShell 7 is installed: on other machines it is not a test that was skipped.
  if (hasPowerShell) {
    it('work in PowerShell too', { timeout: 60_000 }, async () => {
      const examples = examplesIn('powershell');
      expect(examples.length).toBeGreaterThanOrEqual(4);
      for (const block of examples) {
        const { code, output } = await run(block, powerShell);
        expect(code, block).toBe(0);
        expect(output, block).not.toBe('');
      }
    });
  }
});
