import { UsageError } from './ports.ts';

/** How long stopped services may still take before the process exits in any case. */
const lingerMs = 500;

/** Runs a command and exits with its code. For an error it exits with 1, after one line for a {@link UsageError} and the stack of any other. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = 1;
  }
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** Interval between checks that npm, the parent process, is still running. */
const parentCheckMs = 1_000;

/**
 * Resolves with the reason to stop: Ctrl-C, or SIGTERM as in Azure's restart. A second Ctrl-C exits at once. npm does not
 * forward signals when it is killed, so that its end counts as Ctrl-C.
 */
export function stopSignal(): Promise<'interrupt' | 'restart'> {
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] !== undefined) {
      const parent = process.ppid;
      const watch = setInterval(() => {
        if (process.ppid === parent) return;
        clearInterval(watch);
        resolve('interrupt');
      }, parentCheckMs);
      watch.unref();
    }
    process.once('SIGINT', () => {
      process.once('SIGINT', () => process.exit(130));
      resolve('interrupt');
    });
    process.once('SIGTERM', () => resolve('restart'));
  });
}
