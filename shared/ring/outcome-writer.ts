import type { Ledger, LedgerEntry, PartKey } from './ledger.ts';

const transactionSize = 100;

/** Writes outcomes to the ledger a hundred at a time, one transaction after another, while work goes on. */
export class OutcomeWriter {
  readonly #ledger: Ledger;
  readonly #part: PartKey;
  #waiting: LedgerEntry[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, part: PartKey) {
    this.#ledger = ledger;
    this.#part = part;
  }

  /** Takes an outcome; waits only for a transaction that is full. */
  async add(entry: LedgerEntry): Promise<void> {
    this.#waiting.push(entry);
    if (this.#waiting.length >= transactionSize) await this.flush();
  }

  /** Writes what waits. Throws where this, or an earlier write, failed. */
  flush(): Promise<void> {
    const entries = this.#waiting;
    this.#waiting = [];
    this.#written = this.#written.then(() =>
      entries.length === 0 ? undefined : this.#ledger.writeOutcomes(this.#part, entries),
    );
    return this.#written;
  }
}
