import { EventEmitter, once } from 'node:events';
import { type FixtureCall, takeCalls } from './fixture/calls.ts';

/** Collects the calls of fixtures until a test takes them. */
export class FixtureCalls {
  readonly #waiting: FixtureCall[] = [];
  readonly #arrived = new EventEmitter();
  readonly #close: () => void;

  constructor() {
    this.#close = takeCalls((call) => {
      this.#waiting.push(call);
      this.#arrived.emit('call');
    });
  }

  /** Takes the earliest call of this name, and waits for one if necessary. */
  async take(name: string): Promise<FixtureCall> {
    for (;;) {
      const index = this.#waiting.findIndex((call) => call.name === name);
      const [call] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (call) return call;
      await once(this.#arrived, 'call');
    }
  }

  /** Number of calls that no test has taken. */
  get waiting(): number {
    return this.#waiting.length;
  }

  close(): void {
    this.#close();
  }
}
