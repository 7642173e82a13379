import type { Queues } from '../../../shared/ring/ports/queues.ts';
import { type Turns, takeTurn } from './turns.ts';

/** Queues in memory: they record what was sent, in order. */
export class MemoryQueues implements Queues {
  readonly #turns: Turns;
  readonly bulk: { readonly text: string; readonly delayMs: number }[] = [];
  readonly poison: string[] = [];
  readonly results: string[] = [];

  constructor(turns: Turns = {}) {
    this.#turns = turns;
  }

  sendBulk(text: string, delayMs: number): Promise<void> {
    return takeTurn(this.#turns, 'send bulk', () => void this.bulk.push({ text, delayMs }));
  }

  sendPoison(text: string): Promise<void> {
    return takeTurn(this.#turns, 'send poison', () => void this.poison.push(text));
  }

  sendResults(text: string): Promise<void> {
    return takeTurn(this.#turns, 'send results', () => void this.results.push(text));
  }
}
