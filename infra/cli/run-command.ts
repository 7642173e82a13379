import { processTerminal, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The exit code of a command that Ctrl-C ended. */
const interruptedCode = 130;

/** What a command gets from its process. */
export interface Command {
  readonly terminal: Terminal;
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command and ends the process with its code: 2, and the message alone, for a {@link UsageError}; 130 after Ctrl-C, with
 * the message of the error that its signal made of it. A second Ctrl-C ends the process at once.
 */
export async function runCommand(command: (given: Command) => Promise<number>): Promise<void> {
  const terminal = processTerminal(process.stdout, process.stderr);
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(interruptedCode);
    controller.abort(new Interrupted());
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const { argv, env: environment } = process;
  try {
    process.exitCode = await command({
      terminal,
      argv: argv.slice(2),
      environment,
      signal: controller.signal,
    });
  } catch (error) {
    terminal.note(
      error instanceof UsageError || controller.signal.aborted ? messageOf(error) : stackOf(error),
    );
    process.exitCode = controller.signal.aborted ? interruptedCode : 2;
  }
  // What is written to a pipe must have left before the process does.
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.exit();
}

/** Ctrl-C was pressed. */
export class Interrupted extends Error {
  constructor() {
    super('Interrupted.');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
