import type { LogEntry } from './functions-host/runtime/log.ts';

/** Writes a line of the log as the host's console does, to standard error, so that standard output stays readable. */
export function printLog({ level, message, functionName }: LogEntry): void {
  if (level === 'trace' || level === 'debug') return;
  const where = functionName === undefined ? '' : `${functionName}: `;
  process.stderr.write(`${new Date().toISOString()} ${level} ${where}${message}\n`);
}
