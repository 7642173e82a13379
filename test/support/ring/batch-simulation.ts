import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as realTurn } from 'node:timers/promises';
import type fc from 'fast-check';
import { processMessage } from '../../../shared/ring/batch/process-message.ts';
import type { RingDeps } from '../../../shared/ring/ports/deps.ts';
import { isEnded, type StoredEntry } from '../../../shared/ring/ports/ledger.ts';
import { changeForCaller } from '../../../shared/ring/serve-caller.ts';
import { Semaphore } from '../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { FakeClock } from '../fake-clock.ts';
import { MemoryCredentials } from './memory-credentials.ts';
import { MemoryPool } from './memory-pool.ts';
import { MemoryQueues } from './memory-queues.ts';
import { invocation, type Overrides, ringDeps } from './ring-deps.ts';
import {
  type OpenStorage,
  openMemory,
  type SeenEntries,
  type SimulatedStorage,
} from './simulated-storage.ts';
import type { Call, Turns } from './turns.ts';

/** What happens to one delivery, at one of its calls of a port. */
export interface Fault {
  readonly kind: 'crash' | 'slow' | 'pause' | 'delivered-elsewhere';
  readonly atCall: number;
}

/** Somebody cancels a batch, at one of all calls that are made for it. */
export interface Cancel {
  readonly batch: string;
  readonly atCall: number;
}

interface Message {
  readonly text: string;
  /** How many messages it goes on from, one after the other. */
  readonly depth: number;
  readonly enqueuedAtMs: number;
  visibleAtMs: number;
  dequeueCount: number;
}

/** One run: its calls are counted, each of its faults comes once, and what it read of its message tells its hop. */
interface Run {
  readonly batch: string;
  readonly part: number;
  readonly hop: number;
  readonly depth: number;
  /** Whose entries its message has, under the names of these. */
  readonly entries: ReadonlyMap<string, string>;
  readonly beganAt: number;
  readonly faults: readonly Fault[];
  readonly crashed: PromiseWithResolvers<'crashed'>;
  /** What ends its being signed in. */
  readonly leaves: (() => void)[];
  readonly onDeliveredElsewhere: () => void;
  calls: number;
  isGone: boolean;
}

/** Longer than any claim lasts. */
const slowMs = 130_000;
/** Longer than the shortest slice. */
const pauseMs = 700;

/** What differs from one simulation to the next. */
export interface SimulationSettings {
  /** Of one delivery after the other. */
  readonly faults: readonly (readonly Fault[])[];
  readonly cancel?: Cancel | undefined;
  /** How long a message stays away whose worker crashed. */
  readonly leaseMs: number;
  /** How many may be at work at once for one delivery, which is an instance of its own. */
  readonly slots: number;
  readonly deps: Overrides;
  readonly openStorage?: OpenStorage | undefined;
}

/**
 * Several workers on one queue, one storage and one pool, where each call of a port takes two turns of a scheduler. It
 * remembers what must never be: entries that changed after their end, or were written by a message left behind.
 */
export class BatchSimulation {
  readonly clock = new FakeClock({ skipsSleeps: true });
  readonly storage: SimulatedStorage;
  readonly queues: MemoryQueues;
  readonly pool: MemoryPool;
  /** What happened that must not. */
  readonly violations: string[] = [];
  /** Parts, as `batch/part`, of which a delivery crashed or came a second time. */
  readonly disturbed = new Set<string>();
  /** A delivery crashed, or took longer than a claim lasts: what it wrote before may be recorded nowhere. */
  hasLostTrack = false;
  /** Entries, as `batch|part|entry`, that two deliveries had at once. */
  readonly shared = new Set<string>();
  readonly #scheduler: fc.Scheduler;
  readonly #faults: (readonly Fault[])[];
  readonly #cancel: Cancel | undefined;
  readonly #leaseMs: number;
  readonly #places: number;
  readonly #runs = new AsyncLocalStorage<Run | undefined>();
  readonly #waiting: Message[] = [];
  readonly #atWork = new Set<Run>();
  readonly #known = new Map<string, StoredEntry>();
  readonly #deps: RingDeps;
  /** How deep the message was, and when it began to work, that worked on an entry last. */
  readonly #goingOn = new Map<string, { readonly depth: number; readonly at: number }>();
  readonly #depthsSent: number[] = [];
  #isCancelled = false;
  #callsForCancelled = 0;
  #moments = 0;
  #taken = 0;
  #working = 0;

  constructor(
    scheduler: fc.Scheduler,
    { faults, cancel, leaseMs, slots, deps, openStorage = openMemory }: SimulationSettings,
  ) {
    this.#scheduler = scheduler;
    this.#faults = [...faults];
    this.#cancel = cancel;
    this.#leaseMs = leaseMs;
    this.#places = slots;
    const turns: Turns = {
      before: (call) => this.#turn(call),
      done: (call) => {
        if (call === 'send bulk') this.#depthsSent.push((this.#runs.getStore()?.depth ?? -1) + 1);
        return this.storage.writesEntries(call) ? this.#look() : undefined;
      },
      after: (call) => this.#turn(call),
    };
    this.storage = openStorage(turns);
    this.queues = new MemoryQueues(turns);
    this.pool = new MemoryPool(turns, (user, leave) => this.#signIn(user, leave));
    this.#deps = ringDeps({
      ucwa: this.pool.client(this.clock),
      credentials: new MemoryCredentials(),
      clock: this.clock,
      users: this.storage.users,
      ledger: this.storage.ledger,
      queues: this.queues,
      ...deps,
    });
  }

  /** Puts a message where workers find it, so long ago. */
  enqueue(text: string, { agoMs = 0, delayMs = 0, depth = 0 } = {}): void {
    const enqueuedAtMs = this.clock.nowMs() - agoMs;
    this.#waiting.push({ text, depth, enqueuedAtMs, visibleAtMs: enqueuedAtMs + delayMs, dequeueCount: 0 });
  }

  /** The batch that was cancelled, once it was there to be. */
  get cancelled(): string | undefined {
    return this.#isCancelled ? this.#cancel?.batch : undefined;
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

  /** One change over HTTP, which meets no fault. */
  async changeNow(user: SipUri, ringDelaySeconds: number): Promise<void> {
    this.#working += 1;
    const desired = { ring: 'team', ringDelaySeconds } as const;
    const call = invocation({ correlationId: 'http', priority: 'caller' });
    await changeForCaller(this.#deps, call, { user, desired, dryRun: false });
    this.#collect();
    this.#working -= 1;
  }

  async #deliver(message: Message): Promise<void> {
    this.#working += 1;
    message.dequeueCount += 1;
    message.visibleAtMs = Number.POSITIVE_INFINITY;
    const { hop = 0, batch, part = 0, entries } = JSON.parse(message.text);
    const named = entries.map(({ user, entry }: { user: string; entry?: number }, index: number) => [
      `${batch}|${part}|${entry ?? index}`,
      user,
    ]);
    this.#moments += 1;
    const run: Run = {
      batch,
      part,
      hop,
      depth: message.depth,
      entries: new Map(named),
      beganAt: this.#moments,
      faults: this.#faults.shift() ?? [],
      crashed: Promise.withResolvers(),
      leaves: [],
      onDeliveredElsewhere: () => this.#waiting.push({ ...message, visibleAtMs: this.clock.nowMs() }),
      calls: 0,
      isGone: false,
    };
    this.#begin(run);
    const { text: content, dequeueCount } = message;
    const enqueuedAtMs = asQueuesTell(message.enqueuedAtMs);
    const delivery = { content, enqueuedAtMs, dequeueCount };
    const instance = { ...this.#deps, slots: new Semaphore(this.#places) };
    const done = this.#runs.run(run, () => processMessage(instance, invocation(), delivery));
    const end = await Promise.race([done, run.crashed.promise]);
    this.#working -= 1;
    this.#atWork.delete(run);
    if (end === 'crashed') message.visibleAtMs = this.clock.nowMs() + this.#leaseMs;
    else this.#waiting.splice(this.#waiting.indexOf(message), 1);
  }

  #begin(run: Run): void {
    for (const other of this.#atWork) {
      for (const name of run.entries.keys()) if (other.entries.has(name)) this.shared.add(name);
    }
    this.#atWork.add(run);
  }

  /** A message that began to work when another one, which goes on from it, was at work already, must leave that its entries. */
  #signIn(user: SipUri, leave: () => void): void {
    const run = this.#runs.getStore();
    if (run === undefined) return;
    run.leaves.push(leave);
    this.#moments += 1;
    for (const [name, theirs] of run.entries) {
      const other = this.#goingOn.get(name);
      if (other !== undefined && other.depth > run.depth) {
        if (other.at < run.beganAt && theirs === user)
          this.violations.push(`${name} was worked on by a message that another goes on from`);
      } else
        this.#goingOn.set(name, {
          depth: run.depth,
          at: other?.depth === run.depth ? other.at : this.#moments,
        });
    }
  }

  async #turn(call: Call): Promise<void> {
    const run = this.#runs.getStore();
    await this.#scheduler.schedule(Promise.resolve(), call);
    if (run === undefined) return;
    if (run.isGone) return await forever();
    const now = run.faults.filter(({ atCall }) => atCall === run.calls);
    run.calls += 1;
    for (const { kind } of now) await this.#befall(run, kind);
    if (run.batch === this.#cancel?.batch) await this.#cancelInTime(this.#cancel);
  }

  async #cancelInTime({ batch, atCall }: Cancel): Promise<void> {
    const call = this.#callsForCancelled;
    this.#callsForCancelled += 1;
    if (call !== atCall) return;
    this.#isCancelled = await this.#runs.run(undefined, () => this.storage.ledger.cancelBatch(batch));
  }

  async #befall(run: Run, kind: Fault['kind']): Promise<void> {
    if (kind === 'crash' || kind === 'slow') this.hasLostTrack = true;
    if (kind === 'crash' || kind === 'delivered-elsewhere') this.disturbed.add(`${run.batch}/${run.part}`);
    if (kind === 'slow') await this.clock.sleep(slowMs);
    if (kind === 'pause') await this.clock.sleep(pauseMs);
    if (kind === 'delivered-elsewhere') run.onDeliveredElsewhere();
    if (kind === 'crash') {
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
    if (isEnded(before)) this.violations.push(`${name} changed after its end`);
    if (entry.generation < before.generation)
      this.violations.push(`${name} fell from hop ${before.generation} to ${entry.generation}`);
    if (hop < before.generation)
      this.violations.push(`${name} was written by hop ${hop}, not ${before.generation}`);
  }

  #collect(): void {
    for (const [index, { text, delayMs }] of this.queues.bulk.entries()) {
      if (index >= this.#taken) this.enqueue(text, { delayMs, depth: this.#depthsSent[index] ?? 0 });
    }
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

/** To the second, always earlier. */
function asQueuesTell(enqueuedAtMs: number): number {
  return Math.floor(enqueuedAtMs / 1_000) * 1_000;
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
