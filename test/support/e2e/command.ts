import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const inheritedNames = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

/** A command of the local system in a process of its own, with its output. */
export class Command {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #printed = '';
  #onPrint: () => void = () => {};

  /** `input` is what the command reads from standard input; without it there is none. */
  constructor(
    entry: string,
    parameters: readonly string[],
    environment: Readonly<Record<string, string>>,
    input?: string,
  ) {
    const inherited = Object.fromEntries(
      inheritedNames.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const path = fileURLToPath(new URL(`../../../infra/local/${entry}`, import.meta.url));
    const child = spawn(process.execPath, [path, ...parameters], {
      env: { ...inherited, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(input);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.#printed += chunk;
        this.#onPrint();
      });
    }
    this.#child = child;
    this.#ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  }

  get output(): string {
    return this.#printed;
  }

  /** Waits until the output matches. Rejects with the output where the command ends before. */
  async waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    const found = new Promise<RegExpExecArray>((resolve) => {
      this.#onPrint = () => {
        const match = pattern.exec(this.#printed);
        if (match !== null) resolve(match);
      };
      this.#onPrint();
    });
    const ended = this.#ended.then((code) => {
      throw new Error(`The command ended with code ${code}. It printed: ${this.#printed}`);
    });
    return await Promise.race([found, ended]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the command to end and returns its exit code. */
  waitForExit(): Promise<number | null> {
    return this.#ended;
  }
}
