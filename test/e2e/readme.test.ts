import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLocalUsers } from '../../infra/local/local-users.ts';
import { settingNames } from '../../shared/azure/settings/settings.ts';
import { failureCodes } from '../../shared/ring/model/failure-code.ts';
import { eventually, System } from '../support/e2e/system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

/** Blocks that talk to what `npm start` runs. */
const examples = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)]
  .map(([, block = '']) => block)
  .filter((block) => block.includes('127.0.0.1:7071') || block.includes('UseDevelopmentStorage'));

let system: System;

beforeAll(async () => {
  system = await System.start(readLocalUsers(undefined));
});

afterAll(() => system?.stop());

async function runExample(block: string): Promise<{ code: number; output: string }> {
  const text = block
    .replaceAll('http://127.0.0.1:7071', system.functions.url)
    .replaceAll('UseDevelopmentStorage=true', system.services.environment['BulkStorage'] ?? '');
  const child = spawn('bash', ['-c', text], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

describe('the README', () => {
  it.runIf(process.platform !== 'win32')(
    'has examples that work when they are copied, in their order',
    async () => {
      expect(examples.length).toBeGreaterThanOrEqual(5);
      for (const block of examples) {
        const { code, output } = await eventually(
          () => runExample(block),
          (run) => !run.output.includes('batch-not-found'),
        );
        expect(code, block).toBe(0);
        expect(output, block).not.toMatch(/"status":[45]|"code":/);
      }
    },
  );

  it('names every setting that the code reads', () => {
    expect(settingNames.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it('tells what to do about every failure code that can occur', () => {
    const later = ['unauthenticated', 'user-not-allowed'];
    expect(failureCodes.filter((code) => !later.includes(code) && !readme.includes(`\`${code}\``))).toEqual(
      [],
    );
  });
});
