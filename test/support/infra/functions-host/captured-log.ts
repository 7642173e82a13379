import { EventEmitter, once } from 'node:events';
import type { LogEntry } from '../../../../infra/local/functions-host/functions-host.ts';

/** Keeps the log lines of a host, and lets a test wait for one. */
export class CapturedLog {
  readonly entries: LogEntry[] = [];
  readonly #written = new EventEmitter();

  readonly write = (entry: LogEntry): void => {
    this.entries.push(entry);
    this.#written.emit('entry');
  };

  /** Returns the first line that matches, and waits for one if necessary. */
  async find(pattern: RegExp): Promise<LogEntry> {
    for (;;) {
      const entry = this.entries.find(({ message }) => pattern.test(message));
      if (entry) return entry;
      await once(this.#written, 'entry');
    }
  }
}
