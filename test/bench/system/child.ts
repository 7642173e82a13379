import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const root = new URL('../../../', import.meta.url);
const reporter = new URL('usage-reporter.ts', import.meta.url).href;

/** The environment variables that a child inherits. */
const inheritedNames = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

/** Only the end of the output is kept: enough for an error. */
const maxOutputLength = 20_000;

const usageSchema = z.object({
  cpuMs: z.number(),
  residentBytes: z.number(),
  peakBytes: z.number(),
  heapBytes: z.number(),
});

/** The CPU time of a process since its start, its present memory, and the most that was resident. */
export type Usage = z.infer<typeof usageSchema>;

export interface ChildOptions {
  /** The path of the script in the checkout. */
  readonly entry: string;
  readonly parameters?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

/** A child process that reports its usage. */
export class Child {
  readonly #child: ChildProcess;
  #output = '';
  #onPrint: () => void = () => {};

  constructor({ entry, parameters = [], environment, nodeOptions = [] }: ChildOptions) {
    const inherited = Object.fromEntries(
      inheritedNames.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const options = ['--expose-gc', '--import', reporter, ...nodeOptions];
    this.#child = spawn(process.execPath, [...options, fileURLToPath(new URL(entry, root)), ...parameters], {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-maxOutputLength);
        this.#onPrint();
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until the output matches. Rejects with the output where the process ends before. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#onPrint = () => {
        const found = pattern.exec(this.#output);
        if (found !== null) resolve(found);
      };
      this.#child.once('exit', (code) =>
        reject(new Error(`The process ended with code ${code}. It printed: ${this.#output}`)),
      );
      this.#onPrint();
    });
  }

  /** Returns its usage; with `collected`, after a garbage collection. */
  async usage({ collected = false } = {}): Promise<Usage> {
    return usageSchema.parse(await this.ask(collected ? 'collected usage' : 'usage'));
  }

  /** Sends a message and returns the next one from the process. Rejects where the process ends before. */
  ask(message: string | object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = () =>
        reject(new Error(`The process ended without a reply. It printed: ${this.#output.slice(-2000)}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (reply) => {
        this.#child.off('exit', ended);
        resolve(reply);
      });
      this.#child.send(message);
    });
  }

  /** Ends the process with a signal and waits for its exit. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
