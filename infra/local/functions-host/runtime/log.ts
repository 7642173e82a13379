/** The level of a log line, as the host and the library name it. */
export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** One line of the host's log; lines of an invocation have its id and the name of its function. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  readonly invocationId?: string;
  readonly functionName?: string;
}

/** Receives the host's log lines. */
export type LogSink = (entry: LogEntry) => void;

/** Returns an error's stack, or its text when it has none. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
