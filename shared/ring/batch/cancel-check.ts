import type { RingDeps } from '../ports/deps.ts';

/** How often a run checks whether its batch was cancelled. */
const intervalMs = 2_000;

/** Knows whether a batch was cancelled, and looks again now and then. */
export class CancelCheck {
  readonly #deps: Pick<RingDeps, 'ledger' | 'clock'>;
  readonly #batch: string;
  #isCancelled: boolean;
  #nextAtMs: number;

  constructor(deps: Pick<RingDeps, 'ledger' | 'clock'>, batch: string, isCancelled: boolean) {
    this.#deps = deps;
    this.#batch = batch;
    this.#isCancelled = isCancelled;
    this.#nextAtMs = deps.clock.nowMs() + intervalMs;
  }

  /** What was found when it looked last. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** Looks again if it is time, and returns what is known then. Throws StorageUnavailableError. */
  async look(): Promise<boolean> {
    const nowMs = this.#deps.clock.nowMs();
    if (nowMs < this.#nextAtMs) return this.#isCancelled;
    this.#nextAtMs = nowMs + intervalMs;
    const batch = await this.#deps.ledger.readBatch(this.#batch);
    this.#isCancelled ||= batch?.cancelled === true;
    return this.#isCancelled;
  }
}
