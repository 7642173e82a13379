import { EventEmitter, once } from 'node:events';
import { type FixtureCall, takeCalls } from './fixture/calls.ts';

/** Where the calls of fixtures wait until a test takes them. */
export class CallDesk {
  readonly #waiting: FixtureCall[] = [];
  readonly #arrived = new EventEmitter();
  readonly #close: () => void;

  constructor() {
    this.#close = takeCalls((call) => {
      this.#waiting.push(call);
      this.#arrived.emit('call');
    });
  }

  /** The earliest call of that name that nobody took yet, as soon as there is one. */
  async take(name: string): Promise<FixtureCall> {
    for (;;) {
      const index = this.#waiting.findIndex((call) => call.name === name);
      const [call] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (call) return call;
      await once(this.#arrived, 'call');
    }
  }

  /** How many calls wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  close(): void {
    this.#close();
  }
}
