import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const root = new URL('../../../', import.meta.url);
const reporter = new URL('reporter.ts', import.meta.url).href;

/** Variables of the machine that are passed on; whatever else is set stays outside. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

/** Of what a process prints, the end is kept: as much as an error needs. */
const keptCharacters = 20_000;

const usageForm = z.object({ cpuMs: z.number(), residentBytes: z.number(), heapBytes: z.number() });

/** What a process has used since it started, and the memory that it holds. */
export type Usage = z.infer<typeof usageForm>;

export interface ChildOptions {
  /** Its path in the checkout. */
  readonly entry: string;
  readonly parameters?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

/** A process that can be asked what it uses. */
export class Child {
  readonly #child: ChildProcess;
  #printed = '';
  #onPrint: () => void = () => {};

  constructor({ entry, parameters = [], environment, nodeOptions = [] }: ChildOptions) {
    const inherited = Object.fromEntries(
      passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const options = ['--expose-gc', '--import', reporter, ...nodeOptions];
    this.#child = spawn(process.execPath, [...options, fileURLToPath(new URL(entry, root)), ...parameters], {
      env: { ...inherited, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#printed = (this.#printed + chunk).slice(-keptCharacters);
        this.#onPrint();
      });
    }
  }

  get printed(): string {
    return this.#printed;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Waits until something was printed; rejects with all that was where the process ends before. */
  prints(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      this.#onPrint = () => {
        const found = pattern.exec(this.#printed);
        if (found !== null) resolve(found);
      };
      this.#child.once('exit', (code) => reject(new Error(`It ended with ${code}: ${this.#printed}`)));
      this.#onPrint();
    });
  }

  /** What it uses, after it collected its garbage where `collected` is set. */
  async usage({ collected = false } = {}): Promise<Usage> {
    return usageForm.parse(await this.ask(collected ? 'collected usage' : 'usage'));
  }

  /** Sends a message and waits for the next one. Rejects where the process ends before it answers. */
  ask(question: string | object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`It ended without an answer: ${this.#printed.slice(-2000)}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (answer) => {
        this.#child.off('exit', ended);
        resolve(answer);
      });
      this.#child.send(question);
    });
  }

  /** Ends it with a signal, and waits until it has ended. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
