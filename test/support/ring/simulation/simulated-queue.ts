import type { FakeClock } from '../../fake-clock.ts';
import type { MemoryQueues } from '../memory-queues.ts';

/** A message of the bulk queue, with its visibility. */
export interface QueuedMessage {
  readonly text: string;
  /** How often the entries were requeued before they came into this message. */
  readonly depth: number;
  readonly enqueuedAtMs: number;
  visibleAtMs: number;
  dequeueCount: number;
}

export interface EnqueueOptions {
  readonly agoMs?: number;
  readonly delayMs?: number;
  readonly depth?: number;
}

/** The bulk queue of a simulation: a message that a worker has received is invisible until it is returned or deleted. */
export class SimulatedQueue {
  readonly #clock: FakeClock;
  readonly #sent: MemoryQueues['bulk'];
  readonly #depthsSent: number[] = [];
  readonly #messages: QueuedMessage[] = [];
  #collected = 0;

  constructor(clock: FakeClock, { bulk }: MemoryQueues) {
    this.#clock = clock;
    this.#sent = bulk;
  }

  /** Adds a message that was enqueued `agoMs` ago and becomes visible `delayMs` after that. */
  enqueue(text: string, { agoMs = 0, delayMs = 0, depth = 0 }: EnqueueOptions = {}): void {
    const enqueuedAtMs = this.#clock.nowMs() - agoMs;
    this.#messages.push({ text, depth, enqueuedAtMs, visibleAtMs: enqueuedAtMs + delayMs, dequeueCount: 0 });
  }

  /** Records the depth of a message at the moment when it is sent. */
  noteSent(depth: number): void {
    this.#depthsSent.push(depth);
  }

  /** Adds what was sent since the last call. Delays run from now. */
  collectSent(): void {
    for (const [index, { text, delayMs }] of this.#sent.entries()) {
      if (index >= this.#collected) this.enqueue(text, { delayMs, depth: this.#depthsSent[index] ?? 0 });
    }
    this.#collected = this.#sent.length;
  }

  /** Receives a visible message; undefined if there is none. */
  receive(): QueuedMessage | undefined {
    const message = this.#messages.find(({ visibleAtMs }) => visibleAtMs <= this.#clock.nowMs());
    if (message === undefined) return undefined;
    message.dequeueCount += 1;
    message.visibleAtMs = Number.POSITIVE_INFINITY;
    return message;
  }

  /** Makes a copy of a received message visible now, as if its lease had ended early. */
  deliverElsewhere(message: QueuedMessage): void {
    this.#messages.push({ ...message, visibleAtMs: this.#clock.nowMs() });
  }

  /** Makes a received message visible again after `delayMs`. */
  return(message: QueuedMessage, delayMs: number): void {
    message.visibleAtMs = this.#clock.nowMs() + delayMs;
  }

  delete(message: QueuedMessage): void {
    this.#messages.splice(this.#messages.indexOf(message), 1);
  }

  /** Lets the time pass until a message becomes visible. Returns false if there is no message. */
  passToNextMessage(): boolean {
    const nextMs = Math.min(...this.#messages.map(({ visibleAtMs }) => visibleAtMs));
    if (!Number.isFinite(nextMs)) return false;
    this.#clock.passTo(nextMs);
    return true;
  }
}
