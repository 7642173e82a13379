import { Command } from './command.ts';

/** The functions host in a process of its own, with its output. */
export class FunctionsChild {
  readonly url: string;
  readonly #command: Command;

  private constructor(command: Command, url: string) {
    this.#command = command;
    this.url = url;
  }

  /** Starts the host on any free port. Rejects with its output where it ends before it listens. */
  static async start(environment: Readonly<Record<string, string>>): Promise<FunctionsChild> {
    const command = new Command('start-functions.ts', [], { PORT_FUNCTIONS: '0', ...environment });
    const [, url = ''] = await command.waitForOutput(/Functions: (http:\S+)/);
    return new FunctionsChild(command, url);
  }

  get output(): string {
    return this.#command.output;
  }

  /** Ends the host with a signal and returns its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.#command.signal(signal);
    return await this.#command.waitForExit();
  }
}
