import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../../../infra/local/start-functions.ts', import.meta.url));

/** Variables of the machine that the functions may see; whatever else a developer has set stays outside. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

/** The functions in a process of their own, with everything that they print. */
export class FunctionsChild {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #printed: string[];

  private constructor(child: ChildProcess, url: string, printed: string[]) {
    this.#child = child;
    this.url = url;
    this.#printed = printed;
  }

  /** Starts them on any free port. Rejects with what they printed where they end before they listen. */
  static async start(environment: Readonly<Record<string, string>>): Promise<FunctionsChild> {
    const inherited = Object.fromEntries(
      passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const child = spawn(process.execPath, [entry], {
      env: { ...inherited, PORT_FUNCTIONS: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      const read = (chunk: string) => {
        printed.push(chunk);
        const found = /Functions: (http:\S+)/.exec(printed.join(''));
        if (found?.[1] !== undefined) resolve(found[1]);
      };
      child.stdout.setEncoding('utf8').on('data', read);
      child.stderr.setEncoding('utf8').on('data', read);
      child.once('exit', (code) =>
        reject(new Error(`The functions ended with ${code}: ${printed.join('')}`)),
      );
    });
    return new FunctionsChild(child, url, printed);
  }

  get printed(): string {
    return this.#printed.join('');
  }

  /** Ends them with a signal, and answers with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
    return this.#child.exitCode;
  }
}
