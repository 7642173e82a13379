import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as realTurn } from 'node:timers/promises';
import type fc from 'fast-check';
import { changeRingNow } from '../../../shared/ring/change-now.ts';
import { isEnded, type StoredEntry } from '../../../shared/ring/ledger.ts';
import { type BulkParts, processBulk } from '../../../shared/ring/process-bulk.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { bulkParts } from './bulk-parts.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryCredentials } from './memory-credentials.ts';
import { MemoryPool } from './memory-pool.ts';
import { MemoryQueues } from './memory-queues.ts';
import type { Call, Turns } from './turns.ts';
import { type OpenStorage, openMemory, type SeenEntries, type WorldStorage } from './world-storage.ts';

/** What happens to one delivery, at one of its calls of a port. */
export interface Mishap {
  readonly kind: 'crash' | 'slow' | 'delivered-elsewhere';
  readonly atCall: number;
}

interface Message {
  readonly text: string;
  readonly enqueuedAtMs: number;
  visibleAtMs: number;
  dequeueCount: number;
}

/** One run: its calls are counted, its mishap comes once, and what it read of its message tells its hop. */
interface Run {
  readonly hop: number;
  readonly mishap: Mishap | undefined;
  readonly crashed: PromiseWithResolvers<'crashed'>;
  /** What ends its being signed in. */
  readonly leaves: (() => void)[];
  readonly onDeliveredElsewhere: () => void;
  calls: number;
  isGone: boolean;
}

/** Longer than any claim lasts. */
const slowMs = 130_000;
const leaseMs = 60_000;

/**
 * Several workers on one queue, one storage and one pool, where each call of a port takes two turns of a scheduler. It
 * remembers what must never be: entries that changed after their end, or were written by a message left behind.
 */
export class BulkWorld {
  readonly clock = new FakeClock({ skipsSleep: true });
  readonly storage: WorldStorage;
  readonly queues: MemoryQueues;
  readonly pool: MemoryPool;
  /** What happened that must not. */
  readonly wrongs: string[] = [];
  readonly #scheduler: fc.Scheduler;
  readonly #mishaps: Mishap[];
  readonly #runs = new AsyncLocalStorage<Run>();
  readonly #waiting: Message[] = [];
  readonly #known = new Map<string, StoredEntry>();
  readonly #parts: BulkParts;
  #taken = 0;
  #working = 0;

  constructor(
    scheduler: fc.Scheduler,
    mishaps: readonly Mishap[],
    more: Partial<BulkParts> = {},
    openStorage: OpenStorage = openMemory,
  ) {
    this.#scheduler = scheduler;
    this.#mishaps = [...mishaps];
    const turns: Turns = {
      before: (call) => this.#turn(call),
      done: (call) => (this.storage.writesEntries(call) ? this.#look() : undefined),
      after: (call) => this.#turn(call),
    };
    this.storage = openStorage(turns);
    this.queues = new MemoryQueues(turns);
    this.pool = new MemoryPool(turns, (leave) => void this.#runs.getStore()?.leaves.push(leave));
    this.#parts = bulkParts({
      ucwa: this.pool.client(this.clock),
      credentials: new MemoryCredentials(),
      clock: this.clock,
      users: this.storage.users,
      ledger: this.storage.ledger,
      queues: this.queues,
      ...more,
    });
  }

  /** Puts a message where workers find it. */
  enqueue(text: string, delayMs = 0): void {
    const enqueuedAtMs = this.clock.nowMs();
    this.#waiting.push({ text, enqueuedAtMs, visibleAtMs: enqueuedAtMs + delayMs, dequeueCount: 0 });
  }

  /** Works until nothing waits and nobody else is at work. */
  async work(): Promise<void> {
    for (;;) {
      await this.#scheduler.schedule(Promise.resolve(), 'next message');
      this.#collect();
      const message = this.#next();
      if (message !== undefined) await this.#deliver(message);
      else if (this.#working > 0) await realTurn();
      else if (!this.#passOn()) return;
    }
  }

  /** One change over HTTP, which meets no mishap. */
  async changeNow(user: SipUri, ringDelaySeconds: number): Promise<void> {
    this.#working += 1;
    const signal = new AbortController().signal;
    const wish = { ring: 'team', ringDelaySeconds } as const;
    const request = { user, wish, dryRun: false, correlationId: 'http', signal };
    await changeRingNow({ ...this.#parts, budgetMs: 20_000 }, request);
    this.#collect();
    this.#working -= 1;
  }

  async #deliver(message: Message): Promise<void> {
    this.#working += 1;
    message.dequeueCount += 1;
    message.visibleAtMs = Number.POSITIVE_INFINITY;
    const { hop = 0 } = JSON.parse(message.text);
    const run: Run = {
      hop,
      mishap: this.#mishaps.shift(),
      crashed: Promise.withResolvers(),
      leaves: [],
      onDeliveredElsewhere: () => this.enqueue(message.text),
      calls: 0,
      isGone: false,
    };
    const { text: content, enqueuedAtMs, dequeueCount } = message;
    const signal = new AbortController().signal;
    const delivery = { content, enqueuedAtMs, dequeueCount, correlationId: 'c', signal };
    const done = this.#runs.run(run, () => processBulk(this.#parts, delivery));
    const end = await Promise.race([done, run.crashed.promise]);
    this.#working -= 1;
    if (end === 'crashed') message.visibleAtMs = this.clock.nowMs() + leaseMs;
    else this.#waiting.splice(this.#waiting.indexOf(message), 1);
  }

  async #turn(call: Call): Promise<void> {
    const run = this.#runs.getStore();
    await this.#scheduler.schedule(Promise.resolve(), call);
    if (run === undefined) return;
    if (run.isGone) return await forever();
    const isNow = run.calls === run.mishap?.atCall;
    run.calls += 1;
    if (!isNow) return;
    if (run.mishap.kind === 'slow') await this.clock.sleep(slowMs);
    if (run.mishap.kind === 'delivered-elsewhere') run.onDeliveredElsewhere();
    if (run.mishap.kind === 'crash') {
      run.isGone = true;
      for (const leave of run.leaves) leave();
      run.crashed.resolve('crashed');
      await forever();
    }
  }

  /** Looks at all entries right after some were written. */
  #look(): void | Promise<void> {
    const hop = this.#runs.getStore()?.hop ?? 0;
    const seen = this.storage.seeEntries();
    return seen instanceof Promise ? seen.then((all) => this.#judge(all, hop)) : this.#judge(seen, hop);
  }

  /** What is new was written by a message of this hop. */
  #judge(seen: SeenEntries, hop: number): void {
    for (const [key, entries] of seen) for (const entry of entries) this.#judgeEntry(key, entry, hop);
  }

  #judgeEntry(key: string, entry: StoredEntry, hop: number): void {
    const name = `${key}|${entry.entry}`;
    const before = this.#known.get(name);
    this.#known.set(name, entry);
    if (before === undefined || before.etag === entry.etag) return;
    if (isEnded(before)) this.wrongs.push(`${name} changed after its end`);
    if (entry.hop < before.hop) this.wrongs.push(`${name} fell from hop ${before.hop} to ${entry.hop}`);
    if (hop < before.hop) this.wrongs.push(`${name} was written by hop ${hop}, not ${before.hop}`);
  }

  #collect(): void {
    for (const { text, delayMs } of this.queues.bulk.slice(this.#taken)) this.enqueue(text, delayMs);
    this.#taken = this.queues.bulk.length;
  }

  #next(): Message | undefined {
    return this.#waiting.find(({ visibleAtMs }) => visibleAtMs <= this.clock.nowMs());
  }

  /** Nobody works: lets the time pass until a message shows. Answers false where none will. */
  #passOn(): boolean {
    const nextMs = Math.min(...this.#waiting.map(({ visibleAtMs }) => visibleAtMs));
    if (!Number.isFinite(nextMs)) return false;
    this.clock.passTo(nextMs);
    return true;
  }
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
