import { type RecordedRequest, type Step, steps } from '../types.ts';

const placeOf = new Map<Step, number>(steps.map((step, place) => [step, place]));

/** The newest requests, and how many of each step there were since the last clearing, also of those dropped. */
export class RequestLog {
  readonly #limit: number;
  #records: RecordedRequest[] = [];
  /** Where the next record goes once the log is full: the place of the oldest. */
  #oldest = 0;
  #counts = noCounts();
  #countsByUser = new Map<string, number[]>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(record: RecordedRequest): void {
    this.#countOne(this.#counts, record.step);
    if (record.user !== undefined) this.#countOne(this.#countsOf(record.user), record.step);
    if (this.#records.length < this.#limit) {
      this.#records.push(record);
    } else if (this.#limit > 0) {
      this.#records[this.#oldest] = record;
      this.#oldest = (this.#oldest + 1) % this.#limit;
    }
  }

  /** Oldest first. */
  all(): readonly RecordedRequest[] {
    if (this.#oldest === 0) return this.#records;
    return [...this.#records.slice(this.#oldest), ...this.#records.slice(0, this.#oldest)];
  }

  count(step: Step, user?: string): number {
    const counts = user === undefined ? this.#counts : this.#countsByUser.get(user.toLowerCase());
    return counts?.[placeOf.get(step) ?? -1] ?? 0;
  }

  countsByStep(): Record<string, number> {
    return Object.fromEntries(steps.map((step) => [step, this.count(step)]));
  }

  clear(): void {
    this.#records = [];
    this.#oldest = 0;
    this.#counts = noCounts();
    this.#countsByUser = new Map();
  }

  #countsOf(user: string): number[] {
    const key = user.toLowerCase();
    let counts = this.#countsByUser.get(key);
    if (!counts) {
      counts = noCounts();
      this.#countsByUser.set(key, counts);
    }
    return counts;
  }

  #countOne(counts: number[], step: Step): void {
    const place = placeOf.get(step) ?? 0;
    counts[place] = (counts[place] ?? 0) + 1;
  }
}

function noCounts(): number[] {
  return steps.map(() => 0);
}
