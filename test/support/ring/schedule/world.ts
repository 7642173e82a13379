import { AsyncLocalStorage } from 'node:async_hooks';
import * as z from 'zod';
import { untilBatch } from '../../../../shared/ring/batch/own-batch.ts';
import { processMessage } from '../../../../shared/ring/batch/process-message.ts';
import { undoBatch } from '../../../../shared/ring/batch/undo/undo-batch.ts';
import type { OutcomeName } from '../../../../shared/ring/model/outcome.ts';
import type { CredentialStore } from '../../../../shared/ring/ports/credential-store.ts';
import type { RingDeps } from '../../../../shared/ring/ports/deps.ts';
import { FakeClock } from '../../fake-clock.ts';
import { sip } from '../addresses.ts';
import { MemoryLedger } from '../memory-ledger.ts';
import { MemoryPool } from '../memory-pool.ts';
import { MemoryQueues } from '../memory-queues.ts';
import { MemoryUsers } from '../memory-users.ts';
import { invocation, ringDeps } from '../ring-deps.ts';
import type { Turns } from '../turns.ts';
import { type ModelRequest, ScheduleModel, type Setting } from './model.ts';

export const user = sip('alice@contoso.com');
const minuteMs = 60_000;

/** Longer than any claim lasts. */
const leaseMs = 3 * minuteMs;

interface Message {
  readonly text: string;
  readonly dueAtMs: number;
  readonly enqueuedAtMs: number;
}

/** What happens to the next delivery. */
export interface Trouble {
  /** The delivery dies at this call of storage or pool, again and again at each number given. */
  readonly crashesAtCalls: readonly number[];
  /** UCWA refuses the write for good. */
  readonly fails: boolean;
  /** The message is delivered once more when it was done. */
  readonly isRepeated: boolean;
}

const credentials: CredentialStore = {
  read: async (of) => ({ username: of, password: 'p', name: 'secret', version: 'v1' }),
};

const messageSchema = z.object({
  schema: z.string(),
  batch: z.string(),
  requestedAt: z.string(),
  undoes: z.object({ batch: z.string() }).optional(),
  hop: z.number().default(0),
});

/** The real system with one user, and the model beside it: each message is given to both. */
export class ScheduledWorld {
  readonly clock = new FakeClock({ skipsSleeps: true });
  readonly model = new ScheduleModel();
  readonly ledger: MemoryLedger;
  readonly users: MemoryUsers;
  readonly queues: MemoryQueues;
  readonly pool: MemoryPool;
  /** How each entry is to end, by its batch. */
  readonly expected = new Map<string, string>();
  readonly differences: string[] = [];
  readonly #instances: readonly RingDeps[];
  readonly #runs = new AsyncLocalStorage<{ isCrashed: boolean }>();
  readonly #requests = new Map<number, ModelRequest>();
  readonly #cancelled = new Set<string>();
  #waiting: Message[] = [];
  #collected = 0;
  #deliveries = 0;
  #callsLeft: number | undefined;
  #crash: (() => void) | undefined;
  #trouble: Trouble | undefined;

  constructor() {
    const turns: Turns = { before: () => this.#turn(), after: () => this.#turn() };
    this.ledger = new MemoryLedger(turns);
    this.users = new MemoryUsers(turns);
    this.queues = new MemoryQueues(turns);
    this.pool = new MemoryPool(turns, () => {});
    const { ledger, users, queues, clock } = this;
    const shared = { credentials, clock, users, ledger, queues };
    let ids = 0;
    const newId = () => `id-${++ids}`;
    const instance = () => ringDeps({ ucwa: this.pool.client(clock), ...shared, newId });
    this.#instances = [instance(), instance()];
  }

  /** Puts a request on the queue, and delivers it. `message` is what its sender writes. */
  async send(request: ModelRequest, message: object, trouble: Trouble): Promise<void> {
    this.#requests.set(request.number, request);
    this.#trouble = trouble;
    const text = JSON.stringify(message);
    await this.#deliver({ text, dueAtMs: this.clock.nowMs(), enqueuedAtMs: this.clock.nowMs() });
  }

  /** Undoes a batch as an administrator does. */
  async undo(number: number): Promise<void> {
    const undone = await undoBatch(this.#instance(), invocation(), batchOf(number), { dryRun: false });
    if (undone.ok) await this.passTo(this.clock.nowMs() + minuteMs);
  }

  /** Cancels a batch, or the undo of one by its `until`, and waits until its messages have come round. */
  async cancel(batch: string): Promise<void> {
    if (!(await this.ledger.cancelBatch(batch))) return;
    this.#cancelled.add(batch);
    await this.passTo(this.clock.nowMs() + 6 * 1440 * minuteMs);
  }

  choose(setting: Setting): void {
    this.pool.choose(user, setting === 0 ? undefined : setting);
    this.model.choose(setting);
  }

  async purge(): Promise<void> {
    await this.users.purge(this.clock);
    this.model.purge();
  }

  /** Delivers everything that is due until then, in order. */
  async passTo(atMs: number): Promise<void> {
    for (;;) {
      this.#collect();
      const [next] = this.#waiting.toSorted((a, b) => a.dueAtMs - b.dueAtMs);
      if (next === undefined || next.dueAtMs > atMs) break;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.clock.passTo(next.dueAtMs);
      await this.#deliver(next);
    }
    this.clock.passTo(atMs);
  }

  /** Returns how the entry of a batch has ended. */
  endOf(batch: string): OutcomeName | 'pending' | undefined {
    const [entry] = this.ledger.peek({ batch, part: 0 });
    return entry === undefined ? undefined : (entry.outcome?.outcome ?? 'pending');
  }

  async #deliver(message: Message): Promise<void> {
    const trouble = this.#trouble ?? { crashesAtCalls: [], fails: false, isRepeated: false };
    this.#trouble = undefined;
    this.pool.refuses = trouble.fails;
    let hasBegun = this.#hasBegun(message);
    let endedAtMs: number | undefined;
    for (const calls of trouble.crashesAtCalls) {
      if (await this.#run(message, calls)) break;
      if (this.#hasEnded(message)) endedAtMs ??= this.clock.nowMs();
      this.clock.pass(leaseMs);
      await this.#forgetSignIns();
      hasBegun ||= this.#hasBegun(message);
    }
    await this.#run(message);
    this.#expect(message, endedAtMs ?? this.clock.nowMs(), { hasBegun, fails: trouble.fails });
    this.pool.refuses = false;
    if (trouble.isRepeated) await this.#run(message);
    this.#compare(message);
  }

  /** What a crash leaves of sign-ins would end the tries of an unlucky user for a day, which is not what this is about. */
  async #forgetSignIns(): Promise<void> {
    const { record, etag } = await this.users.read(user);
    const { claim: _expired, signIns: _unjudged, ...others } = record;
    if (etag !== undefined) await this.users.write(user, others, etag);
  }

  /** Returns false where the delivery has crashed. */
  async #run({ text: content, enqueuedAtMs }: Message, calls?: number): Promise<boolean> {
    const run = { isCrashed: false };
    const crashed = Promise.withResolvers<false>();
    this.#callsLeft = calls;
    this.#crash = () => {
      run.isCrashed = true;
      crashed.resolve(false);
    };
    this.#deliveries += 1;
    const deps = this.#instance();
    const delivery = { content, enqueuedAtMs, dequeueCount: 1 };
    const done = this.#runs.run(run, () => processMessage(deps, invocation(), delivery)).then(() => true);
    const isDone = await Promise.race([done, crashed.promise]);
    this.#callsLeft = undefined;
    return isDone;
  }

  #instance(): RingDeps {
    const instance = this.#instances[this.#deliveries % this.#instances.length];
    if (instance === undefined) throw new Error('There is no instance.');
    return instance;
  }

  async #turn(): Promise<void> {
    const run = this.#runs.getStore();
    if (run === undefined) return;
    if (this.#callsLeft === 0) this.#crash?.();
    if (this.#callsLeft !== undefined) this.#callsLeft -= 1;
    if (run.isCrashed) await new Promise(() => {});
  }

  /** True where an earlier delivery may have written, and has recorded no end. */
  #hasBegun(message: Message): boolean {
    const { newest, last, before } = this.users.peek(user);
    const { batch } = parse(message);
    const isOpen = newest?.order.batch === batch && last?.order.batch !== batch;
    return isOpen && (newest.until === undefined || before !== undefined);
  }

  /** True where an earlier delivery has recorded its end: what comes later tells that, though its time may have passed. */
  #hasEnded(message: Message): boolean {
    return this.users.peek(user).last?.order.batch === parse(message).batch;
  }

  /** Lets the model work on the same message. */
  #expect(message: Message, nowMs: number, how: { hasBegun: boolean; fails: boolean }): void {
    const { batch, undoes, requestedAt, hop } = parse(message);
    if (this.#isHandedOver(batch, hop)) return void this.expected.set(batch, 'scheduled');
    const ended = this.expected.get(batch);
    if (ended !== undefined && ended !== 'scheduled') return;
    const request = this.#requests.get(numberOf(undoes?.batch ?? batch));
    if (request === undefined) throw new Error(`Nobody requested ${batch}.`);
    const isCancelled = this.#cancelled.has(batch);
    const dueAtMs = undoes === undefined ? request.effectiveAtMs : Date.parse(requestedAt);
    if (isCancelled) {
      if (undoes !== undefined) this.model.keep(request);
      this.expected.set(batch, 'cancelled');
    } else if (dueAtMs > nowMs) this.expected.set(batch, 'scheduled');
    else if (undoes !== undefined) this.expected.set(batch, this.model.undo(request, dueAtMs));
    else this.expected.set(batch, this.#applied(request, nowMs, how));
  }

  /** True where an earlier delivery has sent the entry on before it crashed: a newer message works on it when it is due. */
  #isHandedOver(batch: string, hop: number): boolean {
    const [entry] = this.ledger.peek({ batch, part: 0 });
    return entry?.outcome?.outcome === 'scheduled' && entry.generation > hop;
  }

  /** A temporary setting has an undo from the moment at which it is worked on. */
  #applied(request: ModelRequest, nowMs: number, how: { hasBegun: boolean; fails: boolean }): string {
    const { untilMs, number } = request;
    if (untilMs !== undefined && nowMs < untilMs) this.expected.set(untilBatch(batchOf(number)), 'scheduled');
    return this.model.apply(request, nowMs, how);
  }

  #compare(message: Message): void {
    const { batch } = parse(message);
    const setting = this.pool.delayOf(user) ?? 0;
    if (setting !== this.model.setting) {
      this.differences.push(`after ${batch}: ${setting} instead of ${this.model.setting}`);
    }
    for (const [of, end] of this.expected) {
      if (this.endOf(of) !== end) this.differences.push(`${of}: ${this.endOf(of)} instead of ${end}`);
    }
  }

  #collect(): void {
    const nowMs = this.clock.nowMs();
    const sent = this.queues.bulk.slice(this.#collected);
    this.#collected += sent.length;
    this.#waiting.push(
      ...sent.map(({ text, delayMs }) => ({ text, dueAtMs: nowMs + delayMs, enqueuedAtMs: nowMs })),
    );
  }
}

export function batchOf(number: number): string {
  return `b${String(number).padStart(3, '0')}`;
}

function numberOf(batch: string): number {
  return Number(batch.slice(1));
}

function parse({ text }: Message): z.output<typeof messageSchema> {
  return messageSchema.parse(JSON.parse(text));
}
