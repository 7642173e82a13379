import { type Operation, type Step, steps } from '../steps.ts';
import type { RecordedRequest } from '../types.ts';

/** Limits a count to one operation, to one user, or to both. */
export interface CountFilter {
  readonly operation?: Operation;
  /** SIP address with its scheme. */
  readonly user?: string;
}

/** A step with an operation: requests are counted by both. */
interface Kind {
  readonly step: Step;
  readonly operation?: Operation | undefined;
}

/** The newest requests, and the number of all requests since the last `clear`, those that are no longer kept included. */
export class RequestLog {
  readonly #limit: number;
  #records: RecordedRequest[] = [];
  /** Position of the oldest record once the log is full, which the next one replaces. */
  #oldest = 0;
  /** The kinds seen so far. Counts are arrays in this order, which costs the least memory for each of many users. */
  readonly #kinds: Kind[] = [];
  readonly #indexOfKind = new Map<string, number>();
  #counts: number[] = [];
  #countsByUser = new Map<string, number[]>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(record: RecordedRequest): void {
    const kind = this.#indexOf(record);
    increment(this.#counts, kind);
    if (record.user !== undefined) increment(this.#countsOf(record.user), kind);
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

  count(step: Step, { operation, user }: CountFilter = {}): number {
    const counts = user === undefined ? this.#counts : (this.#countsByUser.get(user.toLowerCase()) ?? []);
    return this.#kinds.reduce((sum, kind, index) => {
      const isCounted = kind.step === step && (operation === undefined || kind.operation === operation);
      return isCounted ? sum + (counts[index] ?? 0) : sum;
    }, 0);
  }

  /** Has every step, those without a request included. */
  countsByStep(): Record<string, number> {
    return Object.fromEntries(steps.map((step) => [step, this.count(step)]));
  }

  /** Splits the count of each step by operation; has only what was requested. */
  countsByOperation(): Record<string, Record<string, number>> {
    const counts: Record<string, Record<string, number>> = {};
    for (const [index, { step, operation }] of this.#kinds.entries()) {
      const count = this.#counts[index] ?? 0;
      if (operation !== undefined && count > 0) counts[step] = { ...counts[step], [operation]: count };
    }
    return counts;
  }

  clear(): void {
    this.#records = [];
    this.#oldest = 0;
    this.#counts = [];
    this.#countsByUser = new Map();
  }

  #countsOf(user: string): number[] {
    const key = user.toLowerCase();
    let counts = this.#countsByUser.get(key);
    if (!counts) {
      counts = [];
      this.#countsByUser.set(key, counts);
    }
    return counts;
  }

  #indexOf({ step, operation }: Kind): number {
    const key = `${step} ${operation}`;
    const known = this.#indexOfKind.get(key);
    if (known !== undefined) return known;
    this.#indexOfKind.set(key, this.#kinds.length);
    return this.#kinds.push({ step, operation }) - 1;
  }
}

function increment(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1;
}
