import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findCompiler } from './compiler.ts';

/** What Bicep said: its exit code, and what it wrote. */
export interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export type Bicep = (...parameters: readonly string[]) => Said;

/** The folder of the deployment. */
export const infra = fileURLToPath(new URL('..', import.meta.url));

/** Finds the compiler, and runs it in the folder of the deployment. Throws NoCompilerError where there is none. */
export function openCompiler(): Bicep {
  const compiler = findCompiler();
  return (...parameters) => {
    const { status, stdout, stderr } = spawnSync(compiler, parameters, { cwd: infra, encoding: 'utf8' });
    return { status, out: stdout, err: stderr };
  };
}

/** The template of main.bicep as Azure gets it. Throws NoCompilerError, or an Error with what the compiler says. */
export function compileMain(): string {
  const { status, out, err } = openCompiler()('build', 'main.bicep', '--stdout');
  if (status !== 0) throw new Error(err);
  return out;
}
