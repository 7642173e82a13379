/** The levels of a log line, as the host and the library name them. */
export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical' | 'none';

/** One line of the host's log; what an invocation says carries the invocation's id and its function's name. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
  readonly invocationId?: string;
  readonly functionName?: string;
}

/** Where the host's log lines go. */
export type LogSink = (entry: LogEntry) => void;

/** An error as a log line tells it: with its stack where it has one. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
