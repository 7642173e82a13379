import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findCompiler } from './compiler.ts';

/** The exit code of a run of Bicep, and its output. */
export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export type Bicep = (...parameters: readonly string[]) => Said;

/** The folder of main.bicep. */
export const infra = fileURLToPath(new URL('..', import.meta.url));

/** Returns a function that runs the compiler in the folder of main.bicep. Throws NoCompilerError if none is found. */
export function openCompiler(): Bicep {
  const compiler = findCompiler();
  return (...parameters) => {
    const { status, stdout, stderr } = spawnSync(compiler, parameters, { cwd: infra, encoding: 'utf8' });
    return { status, out: stdout, err: stderr };
  };
}

/** Returns the template of main.bicep as Azure gets it. Throws NoCompilerError, or an Error with the compiler's message. */
export function compileMain(): string {
  const { status, out, err } = openCompiler()('build', 'main.bicep', '--stdout');
  if (status !== 0) throw new Error(err);
  return out;
}
