import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as realTurn } from 'node:timers/promises';
import type fc from 'fast-check';
import * as z from 'zod';
import { processMessage } from '../../../../shared/ring/batch/process-message.ts';
import type { CredentialStore } from '../../../../shared/ring/ports/credential-store.ts';
import type { RingDeps } from '../../../../shared/ring/ports/deps.ts';
import { changeForCaller } from '../../../../shared/ring/serve-caller.ts';
import { Semaphore } from '../../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../../shared/ucwa/uri.ts';
import { FakeClock } from '../../fake-clock.ts';
import { MemoryPool } from '../memory-pool.ts';
import { MemoryQueues } from '../memory-queues.ts';
import { invocation, type Overrides, ringDeps } from '../ring-deps.ts';
import type { Call, Turns } from '../turns.ts';
import { type EnqueueOptions, type QueuedMessage, SimulatedQueue } from './simulated-queue.ts';
import { type OpenStorage, openMemory, type SimulatedStorage } from './simulated-storage.ts';
import { type ObservedRun, SimulationInvariants } from './simulation-invariants.ts';

/** What happens to one delivery, at one of its calls of a port. */
export interface Fault {
  readonly kind: 'crash' | 'slow' | 'pause' | 'delivered-elsewhere';
  readonly atCall: number;
}

/** The cancelling of a batch, at one of all calls that are made for it. */
export interface Cancel {
  readonly batch: string;
  readonly atCall: number;
}

/** What differs from one simulation to the next. */
export interface SimulationSettings {
  /** The faults of the first delivery, of the second, and so on. */
  readonly faults: readonly (readonly Fault[])[];
  readonly cancel?: Cancel | undefined;
  /** How long the message of a crashed worker stays invisible. */
  readonly leaseMs: number;
  /** The slots of one delivery: each runs on an instance of its own. */
  readonly slots: number;
  readonly deps: Overrides;
  readonly openStorage?: OpenStorage | undefined;
}

/** One delivery that is being processed. */
interface Run extends ObservedRun {
  readonly batch: string;
  readonly part: number;
  readonly generation: number;
  readonly message: QueuedMessage;
  readonly faults: readonly Fault[];
  readonly crashed: PromiseWithResolvers<'crashed'>;
  /** Sign it out of the pool. A crash calls them, since a crashed run never signs out. */
  readonly signOuts: (() => void)[];
  calls: number;
  isCrashed: boolean;
}

/** Longer than any claim lasts. */
const slowMs = 130_000;
/** Longer than the shortest slice. */
const pauseMs = 700;

/** Every user has a secret: after three claims that expired, its version decides whether another sign-in is allowed. */
const everyCredential: CredentialStore = {
  read: async (user) => ({ username: user, password: 'p', name: 'secret', version: 'v1' }),
};

const sentSchema = z.object({
  batch: z.string(),
  part: z.number().default(0),
  hop: z.number().default(0),
  entries: z.array(z.object({ user: z.string(), entry: z.number().optional() })),
});

/** Several workers on one queue, one storage and one pool. Each call of a port takes two turns of a scheduler. */
export class BatchSimulation {
  readonly clock = new FakeClock({ skipsSleeps: true });
  readonly storage: SimulatedStorage;
  readonly queues: MemoryQueues;
  readonly pool: MemoryPool;
  readonly invariants = new SimulationInvariants();
  /** Parts, as `batch/part`, with a message that a fault caused to be delivered again. */
  readonly redeliveredParts = new Set<string>();
  /** True where a delivery crashed or outlasted a claim: what it wrote to UCWA may be recorded nowhere. */
  mayHaveUnrecordedWrites = false;
  readonly #settings: SimulationSettings;
  readonly #scheduler: fc.Scheduler;
  readonly #queue: SimulatedQueue;
  readonly #runs = new AsyncLocalStorage<Run | undefined>();
  readonly #deps: RingDeps;
  #deliveries = 0;
  #busyWorkers = 0;
  #isCancelled = false;
  #callsOfCancelledBatch = 0;

  constructor(scheduler: fc.Scheduler, settings: SimulationSettings) {
    const { deps, openStorage = openMemory } = settings;
    this.#scheduler = scheduler;
    this.#settings = settings;
    const turns: Turns = {
      before: (call) => this.#turn(call),
      done: (call) => this.#observe(call),
      after: (call) => this.#turn(call),
    };
    this.storage = openStorage(turns);
    this.queues = new MemoryQueues(turns);
    this.#queue = new SimulatedQueue(this.clock, this.queues);
    this.pool = new MemoryPool(turns, (user, signOut) => this.#signedIn(user, signOut));
    this.#deps = ringDeps({
      ucwa: this.pool.client(this.clock),
      credentials: everyCredential,
      clock: this.clock,
      users: this.storage.users,
      ledger: this.storage.ledger,
      queues: this.queues,
      ...deps,
    });
  }

  /** Puts a message on the queue. */
  enqueue(text: string, options: EnqueueOptions = {}): void {
    this.#queue.enqueue(text, options);
  }

  /** The batch that was cancelled; undefined if it did not exist yet at the time of cancelling. */
  get cancelledBatch(): string | undefined {
    return this.#isCancelled ? this.#settings.cancel?.batch : undefined;
  }

  /** Runs one worker: it processes messages until the queue is empty and no other worker is busy. */
  async work(): Promise<void> {
    for (;;) {
      await this.#scheduler.schedule(Promise.resolve(), 'next message');
      this.#queue.collectSent();
      const message = this.#queue.receive();
      if (message !== undefined) await this.#deliver(message);
      else if (this.#busyWorkers > 0) await realTurn();
      else if (!this.#queue.passToNextMessage()) return;
    }
  }

  /** Makes one change over HTTP, without a fault. */
  async changeOverHttp(user: SipUri, ringDelaySeconds: number): Promise<void> {
    this.#busyWorkers += 1;
    const desired = { ring: 'team', ringDelaySeconds } as const;
    const call = invocation({ correlationId: 'http', priority: 'caller' });
    await changeForCaller(this.#deps, call, { user, desired, dryRun: false });
    this.#queue.collectSent();
    this.#busyWorkers -= 1;
  }

  async #deliver(message: QueuedMessage): Promise<void> {
    this.#busyWorkers += 1;
    const run = this.#createRun(message);
    this.invariants.recordStart(run);
    const end = await Promise.race([this.#process(run), run.crashed.promise]);
    this.#busyWorkers -= 1;
    this.invariants.recordEnd(run);
    if (end === 'crashed') this.#queue.return(message, this.#settings.leaseMs);
    else this.#queue.delete(message);
  }

  #createRun(message: QueuedMessage): Run {
    const { batch, part, hop, entries } = sentSchema.parse(JSON.parse(message.text));
    const faults = this.#settings.faults[this.#deliveries] ?? [];
    this.#deliveries += 1;
    return {
      batch,
      part,
      generation: hop,
      depth: message.depth,
      entries: new Map(entries.map(({ user, entry }, index) => [`${batch}|${part}|${entry ?? index}`, user])),
      message,
      faults,
      crashed: Promise.withResolvers(),
      signOuts: [],
      calls: 0,
      isCrashed: false,
    };
  }

  #process(run: Run): Promise<void> {
    const { text: content, enqueuedAtMs, dequeueCount } = run.message;
    const delivery = { content, enqueuedAtMs: floorToSecond(enqueuedAtMs), dequeueCount };
    const instance = { ...this.#deps, slots: new Semaphore(this.#settings.slots) };
    return this.#runs.run(run, () => processMessage(instance, invocation(), delivery));
  }

  #signedIn(user: SipUri, signOut: () => void): void {
    const run = this.#runs.getStore();
    if (run === undefined) return;
    run.signOuts.push(signOut);
    this.invariants.checkSignIn(run, user);
  }

  async #turn(call: Call): Promise<void> {
    const run = this.#runs.getStore();
    await this.#scheduler.schedule(Promise.resolve(), call);
    if (run === undefined) return;
    if (run.isCrashed) return await never();
    const due = run.faults.filter(({ atCall }) => atCall === run.calls);
    run.calls += 1;
    for (const { kind } of due) await this.#inject(kind, run);
    const { cancel } = this.#settings;
    if (run.batch === cancel?.batch) await this.#cancelAtCall(cancel);
  }

  async #cancelAtCall({ batch, atCall }: Cancel): Promise<void> {
    const call = this.#callsOfCancelledBatch;
    this.#callsOfCancelledBatch += 1;
    if (call !== atCall) return;
    this.#isCancelled = await this.#runs.run(undefined, () => this.storage.ledger.cancelBatch(batch));
  }

  async #inject(kind: Fault['kind'], run: Run): Promise<void> {
    if (kind === 'crash' || kind === 'slow') this.mayHaveUnrecordedWrites = true;
    if (kind === 'crash' || kind === 'delivered-elsewhere') {
      this.redeliveredParts.add(`${run.batch}/${run.part}`);
    }
    if (kind === 'slow') await this.clock.sleep(slowMs);
    if (kind === 'pause') await this.clock.sleep(pauseMs);
    if (kind === 'delivered-elsewhere') this.#queue.deliverElsewhere(run.message);
    if (kind === 'crash') {
      run.isCrashed = true;
      for (const signOut of run.signOuts) signOut();
      run.crashed.resolve('crashed');
      await never();
    }
  }

  /** Checks the entries right after some were written, before any other call takes effect. */
  #observe(call: Call): void | Promise<void> {
    const run = this.#runs.getStore();
    if (call === 'send bulk') this.#queue.noteSent(run === undefined ? 0 : run.depth + 1);
    if (!this.storage.writesEntries(call)) return;
    const generation = run?.generation ?? 0;
    const seen = this.storage.seeEntries();
    if (!(seen instanceof Promise)) return this.invariants.checkEntries(seen, generation);
    return seen.then((all) => this.invariants.checkEntries(all, generation));
  }
}

/** Queues record the time of enqueuing in whole seconds, always rounded down. */
function floorToSecond(timeMs: number): number {
  return Math.floor(timeMs / 1_000) * 1_000;
}

function never(): Promise<never> {
  return new Promise(() => {});
}
