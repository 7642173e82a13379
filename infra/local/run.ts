import { UsageError } from './ports.ts';

/** How long what was told to stop may still take, before the process ends all the same. */
const lingerMs = 500;

/** Runs a command of this folder: a mistake at the terminal is one line, a defect is told whole; both exit with 1. */
export async function run(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = 1;
  }
  setTimeout(() => process.exit(), lingerMs).unref();
}

/** How often it is looked whether npm, which started this, is still there. */
const parentLookMs = 1_000;

/**
 * Waits for the sign to stop: Ctrl-C, or SIGTERM as Azure's restart gives it. A second Ctrl-C ends at once. npm passes
 * no signal on when it is ended itself: that it is gone is a sign, too.
 */
export function stopSign(): Promise<'interrupt' | 'restart'> {
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] !== undefined) {
      const parent = process.ppid;
      const watch = setInterval(() => {
        if (process.ppid === parent) return;
        clearInterval(watch);
        resolve('interrupt');
      }, parentLookMs);
      watch.unref();
    }
    process.once('SIGINT', () => {
      process.once('SIGINT', () => process.exit(130));
      resolve('interrupt');
    });
    process.once('SIGTERM', () => resolve('restart'));
  });
}
