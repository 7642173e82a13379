import type { LogEntry } from './functions-host/runtime/log.ts';

/** Prints a log line to standard error, so that standard output stays readable; trace and debug lines are left out. */
export function printLog({ level, message, functionName }: LogEntry): void {
  if (level === 'trace' || level === 'debug') return;
  const where = functionName === undefined ? '' : `${functionName}: `;
  process.stderr.write(`${new Date().toISOString()} ${level} ${where}${message}\n`);
}
