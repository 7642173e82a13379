import { EventEmitter, once } from 'node:events';
import type { LogEntry } from '../../../../infra/local/functions-host/functions-host.ts';

/** Keeps a host's log and tells when a line is in it. */
export class LogBook {
  readonly entries: LogEntry[] = [];
  readonly #written = new EventEmitter();

  readonly write = (entry: LogEntry): void => {
    this.entries.push(entry);
    this.#written.emit('entry');
  };

  /** The first line that matches, as soon as there is one. */
  async find(pattern: RegExp): Promise<LogEntry> {
    for (;;) {
      const entry = this.entries.find(({ message }) => pattern.test(message));
      if (entry) return entry;
      await once(this.#written, 'entry');
    }
  }
}
