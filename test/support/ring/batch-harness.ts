import type { UcwaSimulator } from '../../../infra/local/ucwa-simulator/simulator.ts';
import { type Delivery, processMessage } from '../../../shared/ring/batch/process-message.ts';
import type { DesiredRing } from '../../../shared/ring/model/desired-ring.ts';
import type { OutcomeName } from '../../../shared/ring/model/outcome.ts';
import type { Invocation, RingDeps } from '../../../shared/ring/ports/deps.ts';
import type { RingEvent } from '../../../shared/ring/ports/events.ts';
import { StorageUnavailableError } from '../../../shared/ring/ports/storage-error.ts';
import { type ChangeServed, changeForCaller } from '../../../shared/ring/serve-caller.ts';
import type { SipUri } from '../../../shared/ucwa/uri.ts';
import { FakeClock } from '../fake-clock.ts';
import { openClient } from '../ucwa/client.ts';
import { simulate } from '../ucwa/simulation.ts';
import { sip } from './addresses.ts';
import { MemoryCredentials } from './memory-credentials.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryQueues } from './memory-queues.ts';
import { MemoryUsers } from './memory-users.ts';
import { invocation, type Overrides, ringDeps } from './ring-deps.ts';
import type { Call, Turns } from './turns.ts';

/** Hooks around each call of storage and vault. A test may set and clear them at any time. */
export type Hooks = { -readonly [turn in keyof Turns]: Turns[turn] | undefined };

/** One instance that processes messages against a simulator over HTTP, with storage, queues and vault in memory. */
export class BatchHarness {
  readonly simulator: UcwaSimulator;
  readonly clock = new FakeClock({ skipsSleeps: true, realTimeouts: true });
  readonly hooks: Hooks = {};
  readonly users: MemoryUsers;
  readonly ledger: MemoryLedger;
  readonly queues: MemoryQueues;
  readonly secrets: MemoryCredentials;
  readonly events: RingEvent[] = [];
  readonly deps: RingDeps;
  #delivered = 0;

  constructor(simulator: UcwaSimulator, more: Overrides = {}) {
    this.simulator = simulator;
    const turns: Turns = {
      before: async (call) => await this.hooks.before?.(call),
      after: async (call) => await this.hooks.after?.(call),
    };
    this.secrets = new MemoryCredentials(turns);
    this.users = new MemoryUsers(turns);
    this.ledger = new MemoryLedger(turns);
    this.queues = new MemoryQueues(turns);
    this.deps = ringDeps({
      ucwa: openClient(simulator, { clock: this.clock }),
      credentials: this.secrets,
      clock: this.clock,
      users: this.users,
      ledger: this.ledger,
      queues: this.queues,
      ...more,
    });
  }

  /** Adds one user to the simulator, with the credential in the vault. */
  addUser(): SipUri {
    const name = `user-${this.simulator.totals().users}`;
    const user = sip(`sip:${name}@contoso.com`);
    const credential = { username: `CONTOSO\\${name}`, password: `password of ${name}` };
    this.simulator.addUsers([{ sip: user, ...credential }]);
    this.secrets.set(user, credential);
    return user;
  }

  /** Adds several users. */
  addUsers(count: number): readonly SipUri[] {
    return Array.from({ length: count }, () => this.addUser());
  }

  /** Makes another worker claim a user, whose row must not exist yet, for `lastsMs`. */
  async claimElsewhere(user: SipUri, lastsMs: number): Promise<void> {
    const untilMs = this.clock.nowMs() + lastsMs;
    await this.users.write(user, { claim: { id: 'other', untilMs } }, undefined);
  }

  /** Delivers a message once; by default as its first delivery, enqueued now. */
  deliver(content: unknown, more: Partial<Delivery> & { signal?: AbortSignal } = {}): Promise<void> {
    const { signal = new AbortController().signal, ...delivery } = more;
    return processMessage(this.deps, this.#invocation({ signal }), {
      content,
      enqueuedAtMs: this.clock.nowMs(),
      dequeueCount: 1,
      ...delivery,
    });
  }

  #invocation(more: Partial<Invocation>): Invocation {
    return invocation({ log: (event) => void this.events.push(event), ...more });
  }

  /** Delivers the messages that were sent to the bulk queue, each after its delay: all that come, or at most `most`. */
  async drain(most = 50): Promise<void> {
    for (let left = most; left > 0; left--) {
      const next = this.queues.bulk[this.#delivered];
      if (next === undefined) return;
      this.#delivered += 1;
      const enqueuedAtMs = this.clock.nowMs();
      this.clock.pass(next.delayMs);
      await this.deliver(Buffer.from(next.text).toString('base64'), { enqueuedAtMs });
    }
  }

  /** Changes a ring for a caller who waits over HTTP. */
  changeForCaller(user: SipUri, desired: DesiredRing): Promise<ChangeServed> {
    const call = this.#invocation({ correlationId: 'c-2', priority: 'caller' });
    return changeForCaller(this.deps, call, { user, desired, dryRun: false });
  }

  /** Returns the states of a part's entries, in the order of their numbers. */
  outcomes(batch: string, part = 0): readonly (OutcomeName | 'pending')[] {
    return this.ledger.peek({ batch, part }).map(({ outcome }) => outcome?.outcome ?? 'pending');
  }

  /** Returns the delay in seconds after which the team rings; the active setting where another is set. */
  ringOf(user: string): number | string {
    const { activeSetting, simultaneousRing } = this.simulator.state(user);
    return activeSetting === 'SimultaneousRing' && simultaneousRing.target === 'Team'
      ? simultaneousRing.ringDelay
      : activeSetting;
  }

  /** Makes the storage call of this index fail: before its effect, or after, so that only its response is lost. */
  failStorageCall(index: number, turn: 'before' | 'after'): void {
    let calls = 0;
    this.hooks[turn] = async (call) => {
      if (!isStorage(call)) return;
      calls += 1;
      if (calls === index + 1) throw new StorageUnavailableError(`No response to ${call}.`);
    };
  }
}

function isStorage(call: Call): boolean {
  return !call.startsWith('read-secret');
}

/** Opens a harness on a simulator of its own, which stops when the test ends. */
export async function openHarness(more: Overrides = {}): Promise<BatchHarness> {
  return new BatchHarness(await simulate({ users: [] }), more);
}
