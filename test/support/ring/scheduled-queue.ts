import type { BatchHarness } from './batch-harness.ts';

interface Waiting {
  readonly text: string;
  readonly dueAtMs: number;
  readonly enqueuedAtMs: number;
}

/** The bulk queue of a harness: a message is delivered when its delay has passed on the harness's clock. */
export class ScheduledQueue {
  readonly #harness: BatchHarness;
  #waiting: Waiting[] = [];
  #seen = 0;

  constructor(harness: BatchHarness) {
    this.#harness = harness;
  }

  /** How many messages wait for their time. */
  get length(): number {
    this.#collect();
    return this.#waiting.length;
  }

  /** Delivers in order all messages that are due until then, those that they cause included, and moves the clock there. */
  async passTo(time: string | number): Promise<void> {
    const atMs = typeof time === 'number' ? time : Date.parse(time);
    for (let next = this.#takeNext(atMs); next !== undefined; next = this.#takeNext(atMs)) {
      this.#harness.clock.passTo(next.dueAtMs);
      const content = Buffer.from(next.text).toString('base64');
      await this.#harness.deliver(content, { enqueuedAtMs: next.enqueuedAtMs });
    }
    this.#harness.clock.passTo(atMs);
  }

  #takeNext(untilMs: number): Waiting | undefined {
    this.#collect();
    const [next] = this.#waiting.toSorted((a, b) => a.dueAtMs - b.dueAtMs);
    if (next === undefined || next.dueAtMs > untilMs) return undefined;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    return next;
  }

  #collect(): void {
    const nowMs = this.#harness.clock.nowMs();
    const sent = this.#harness.queues.bulk.slice(this.#seen);
    this.#seen += sent.length;
    const waiting = sent.map(({ text, delayMs }) => ({
      text,
      dueAtMs: nowMs + delayMs,
      enqueuedAtMs: nowMs,
    }));
    this.#waiting.push(...waiting);
  }
}
