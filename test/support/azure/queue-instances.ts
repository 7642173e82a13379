import { QueueServiceClient } from '@azure/storage-queue';
import { onTestFinished } from 'vitest';
import type { SimulatorOptions, UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { queueNames } from '../../../shared/azure/storage/names.ts';
import { connectStorage, type Storage } from '../../../shared/azure/storage/storage-clients.ts';
import { StoppedError } from '../../../shared/ring/batch/endings.ts';
import { processMessage } from '../../../shared/ring/batch/process-message.ts';
import { type BatchStatus, readBatch } from '../../../shared/ring/batch/status.ts';
import type { RingDeps } from '../../../shared/ring/ports/deps.ts';
import { Semaphore } from '../../../shared/runtime/semaphore.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { FakeClock } from '../fake-clock.ts';
import { requestTimeoutMs, watchHangs } from '../recovery/recovery-harness.ts';
import { sip } from '../ring/addresses.ts';
import { MemoryCredentials } from '../ring/memory-credentials.ts';
import { invocation, ringDeps } from '../ring/ring-deps.ts';
import { openClient } from '../ucwa/client.ts';
import { simulate } from '../ucwa/simulation.ts';
import { FastQueue, type TimedMessage } from './fast-queue.ts';

type Account = Parameters<MemoryCredentials['set']>[1];

/** How long a message stays invisible whose worker stopped. */
const leaseMs = 60_000;

const slots = 16;

const noIdentity = () => Promise.reject(new Error('A connection string needs no identity.'));

/**
 * Two instances that share real queues and tables, a simulator and a clock. Each has tokens, routes, limits and cached
 * secrets of its own, which end with it.
 */
export class QueueInstances {
  readonly simulator: UcwaSimulator;
  readonly clock: FakeClock;
  readonly #storage: Storage;
  readonly #queue: FastQueue;
  readonly #secrets: (readonly [user: SipUri, account: Account])[] = [];
  #stopping = new AbortController();
  #instances: readonly RingDeps[] = [];

  private constructor(simulator: UcwaSimulator, clock: FakeClock, storage: Storage, queue: FastQueue) {
    this.simulator = simulator;
    this.clock = clock;
    this.#storage = storage;
    this.#queue = queue;
  }

  /** Opens them on a simulator of their own, which runs by their clock, and on an empty queue. */
  static async open(connectionString: string, simulated: Partial<SimulatorOptions>): Promise<QueueInstances> {
    const clock = new FakeClock({ skipsSleeps: true, realTimeouts: true });
    const simulator = await simulate({ users: [], now: () => clock.nowMs(), ...simulated });
    const storage = await connectStorage({ connectionString }, noIdentity);
    const service = QueueServiceClient.fromConnectionString(connectionString);
    const bulk = service.getQueueClient(queueNames.bulk);
    await bulk.clearMessages();
    const queue = new FastQueue(storage.queues, bulk, () => clock.nowMs());
    const opened = new QueueInstances(simulator, clock, storage, queue);
    opened.restart();
    // Only token requests hang. Those of a neighbour, which are slow on a loaded machine, must not end with them.
    const tokenTimeoutMs = 3 * requestTimeoutMs;
    onTestFinished(watchHangs(simulator, () => clock.expireTimeouts(tokenTimeoutMs, tokenTimeoutMs)));
    return opened;
  }

  /** Adds a user to the simulator, and the credential to the vault. */
  addUser(name: string, password = `password of ${name}`): SipUri {
    const user = sip(`sip:${name}@contoso.com`);
    const username = `CONTOSO\\${name}`;
    this.simulator.addUsers([{ sip: user, username, password: `password of ${name}` }]);
    this.setSecret(user, { username, password });
    this.restart();
    return user;
  }

  /** Sets a secret in the vault, as a new version. The instances learn of it when they read past their caches. */
  setSecret(user: SipUri, account: Account): void {
    this.#secrets.push([user, account]);
    for (const { credentials } of this.#instances) {
      if (credentials instanceof MemoryCredentials) credentials.set(user, account);
    }
  }

  /** Puts new instances, which remember nothing, in the place of those at work. */
  restart(): void {
    this.#stopping = new AbortController();
    this.#instances = [this.#start(), this.#start()];
  }

  /** Stops both instances, as the platform does: work that is under way ends, and its messages come back. */
  stop(): void {
    this.#stopping.abort(new Error('This instance is about to stop.'));
  }

  /** Sends a message as an HR system does. */
  async send(message: Readonly<Record<string, unknown>>): Promise<void> {
    const nowMs = this.clock.nowMs();
    const text = JSON.stringify({ schema: 'simring/bulk/1', ...message });
    await this.#queue.put({ text, enqueuedAtMs: nowMs, visibleAtMs: nowMs, dequeueCount: 0 });
  }

  /**
   * Lets time pass until `untilMs`, and delivers every message when it is visible: two at once, one to each instance. The
   * instances restart after every second delivery, and after one at which they were stopped.
   */
  async workUntil(untilMs: number): Promise<void> {
    for (let delivered = 1; ; delivered++) {
      const due = await this.#takeDue(untilMs);
      if (due.length === 0) break;
      await Promise.all(due.map((message, index) => this.#deliver(this.#instances[index], message)));
      if (delivered % 2 === 0 || this.#stopping.signal.aborted) this.restart();
    }
    this.clock.passTo(untilMs);
  }

  /** Returns the progress of a batch with all of its entries. Throws where it does not exist. */
  async batch(name: string): Promise<BatchStatus> {
    const status = await readBatch(this.#storage.ledger, name, { limit: 100 });
    if (status === undefined) throw new Error(`The batch ${name} was not found.`);
    return status;
  }

  /** When each password of a user was sent over the wire, by the shared clock. */
  passwordsSentAtMs(user: SipUri): readonly number[] {
    const sent = this.simulator.requests.filter(
      (request) => request.step === 'token' && request.user === user,
    );
    return sent.map(({ at }) => at);
  }

  #start(): RingDeps {
    const credentials = new MemoryCredentials();
    for (const [user, account] of this.#secrets) credentials.set(user, account);
    const { clock } = this;
    return ringDeps({
      ucwa: openClient(this.simulator, { clock, requestTimeoutMs }),
      credentials,
      clock,
      users: this.#storage.users,
      ledger: this.#storage.ledger,
      queues: this.#queue,
      slots: new Semaphore(slots),
      newId: () => crypto.randomUUID(),
    });
  }

  /** Takes the message that is visible first, with another that is visible by then. */
  async #takeDue(untilMs: number): Promise<readonly TimedMessage[]> {
    const first = await this.#takeVisible(untilMs);
    if (first === undefined) return [];
    this.clock.passTo(first.visibleAtMs);
    const second = await this.#takeVisible(this.clock.nowMs());
    return second === undefined ? [first] : [first, second];
  }

  async #takeVisible(untilMs: number): Promise<TimedMessage | undefined> {
    const next = await this.#queue.take();
    if (next === undefined || next.visibleAtMs <= untilMs) return next;
    await this.#queue.put(next);
    return undefined;
  }

  async #deliver(instance: RingDeps | undefined, message: TimedMessage): Promise<void> {
    if (instance === undefined) throw new Error('There is no instance for this message.');
    const { text: content, enqueuedAtMs } = message;
    const dequeueCount = message.dequeueCount + 1;
    const call = invocation({ signal: this.#stopping.signal });
    try {
      await processMessage(instance, call, { content, enqueuedAtMs, dequeueCount });
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error;
      const visibleAtMs = this.clock.nowMs() + leaseMs;
      await this.#queue.put({ text: content, enqueuedAtMs, visibleAtMs, dequeueCount });
    }
  }
}
