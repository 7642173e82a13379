import { Command } from './command.ts';

/** The functions in a process of their own, with everything that they print. */
export class FunctionsChild {
  readonly url: string;
  readonly #command: Command;

  private constructor(command: Command, url: string) {
    this.#command = command;
    this.url = url;
  }

  /** Starts them on any free port. Rejects with what they printed where they end before they listen. */
  static async start(environment: Readonly<Record<string, string>>): Promise<FunctionsChild> {
    const command = new Command('start-functions.ts', [], { PORT_FUNCTIONS: '0', ...environment });
    const [, url = ''] = await command.prints(/Functions: (http:\S+)/);
    return new FunctionsChild(command, url);
  }

  get printed(): string {
    return this.#command.printed;
  }

  /** Ends them with a signal, and answers with the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.#command.signal(signal);
    return await this.#command.ends();
  }
}
