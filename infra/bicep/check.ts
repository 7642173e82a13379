import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readArguments } from '../local/arguments.ts';
import { UsageError } from '../local/ports.ts';
import { type Bicep, infra, openCompiler, type Said } from './compile.ts';
import { NoCompilerError } from './compiler.ts';

/** A made-up place to deploy to, as the snapshots contain names that Azure derives from it. */
const place = [
  '--subscription-id',
  '00000000-0000-0000-0000-000000000000',
  '--resource-group',
  'simring',
  '--location',
  'westeurope',
];

interface Step {
  readonly what: string;
  /** Returns what is wrong, or undefined if nothing is. */
  readonly run: (bicep: Bicep) => string | undefined;
}

const sources = globSync(['*.bicep', '*.bicepparam', 'modules/*.bicep'], { cwd: infra }).sort();
const deployments = sources.filter((file) => file.endsWith('.bicepparam'));

/** Returns the compiler's errors and warnings, if any. It exits with 0 on warnings, which count as errors here. */
function complaint({ status, out, err }: Said): string | undefined {
  const isClean = status === 0 && !/: (Warning|Error) /.test(`${out}\n${err}`);
  return isClean ? undefined : [err.trim(), status === 0 ? '' : out.trim()].filter(Boolean).join('\n');
}

function compareSnapshot(bicep: Bicep, file: string): Said {
  return bicep('snapshot', file, '--mode', 'validate', ...place);
}

/** Leaves a correct snapshot alone, as Bicep writes outputs in a different order each time. */
function renewSnapshot(bicep: Bicep, file: string): string | undefined {
  if (compareSnapshot(bicep, file).status === 0) return undefined;
  return complaint(bicep('snapshot', file, '--mode', 'overwrite', ...place));
}

const checks: readonly Step[] = [
  { what: 'main.bicep compiles', run: (bicep) => complaint(bicep('build', 'main.bicep', '--stdout')) },
  { what: 'main.bicep and its modules lint', run: (bicep) => complaint(bicep('lint', 'main.bicep')) },
  ...deployments.map(
    (file): Step => ({
      what: `${file} fits the template`,
      run: (bicep) => complaint(bicep('build-params', file, '--stdout')),
    }),
  ),
  ...sources.map(
    (file): Step => ({
      what: `${file} is formatted`,
      run: (bicep) => {
        const formatted = bicep('format', file, '--stdout').out;
        return formatted === readFileSync(`${infra}/${file}`, 'utf8')
          ? undefined
          : `${file} is not formatted: run npm run check:infra -- --update.`;
      },
    }),
  ),
  ...deployments.map(
    (file): Step => ({
      what: `${file} would deploy what its snapshot shows`,
      run: (bicep) => {
        const { status, out, err } = compareSnapshot(bicep, file);
        return status === 0
          ? undefined
          : `${out}${err}\nIf the difference is intended: npm run check:infra -- --update`;
      },
    }),
  ),
];

const updates: readonly Step[] = [
  ...sources.map(
    (file): Step => ({ what: `${file} formatted`, run: (bicep) => complaint(bicep('format', file)) }),
  ),
  ...deployments.map(
    (file): Step => ({
      what: `snapshot of ${basename(file)} renewed`,
      run: (bicep) => renewSnapshot(bicep, file),
    }),
  ),
];

/** Runs all checks and returns whether they passed; with `isUpdate` formats the files and renews the snapshots first. */
function check(isUpdate: boolean): boolean {
  const bicep = openCompiler();
  const failed = [...(isUpdate ? updates : []), ...checks].filter(({ what, run }) => {
    const wrong = run(bicep);
    console.log(wrong === undefined ? `ok      ${what}` : `FAILED  ${what}\n${wrong}`);
    return wrong !== undefined;
  });
  return failed.length === 0;
}

try {
  const { update } = readArguments(
    { update: { type: 'boolean', default: false } },
    'npm run check:infra -- [--update]',
  );
  process.exitCode = check(update) ? 0 : 1;
} catch (error) {
  if (!(error instanceof NoCompilerError || error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
