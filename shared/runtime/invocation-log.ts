/** An event to log: its name, its level and its fields. */
export interface LogEvent {
  readonly event: string;
  readonly level: 'info' | 'warn' | 'error';
}

/** Writes lines of text at a level, as the invocation context of a function does. */
export interface LineWriter {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

/** Returns the log of one invocation: it writes each event as one line of JSON at the event's level. */
export function createInvocationLog(writer: LineWriter): (event: LogEvent) => void {
  return ({ level, ...event }) => writer[level](JSON.stringify(event));
}
