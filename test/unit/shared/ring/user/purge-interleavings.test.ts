import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { UserRecord } from '../../../../../shared/ring/ports/user-store.ts';
import type { Claim } from '../../../../../shared/ring/user/claim.ts';
import { claimToChange, claimToRead } from '../../../../../shared/ring/user/claim-user.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { MemoryUsers } from '../../../../support/ring/memory-users.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const alice = sip('alice@contoso.com');
const durationMs = 120_000;

/** What becomes of an attempt: it ends, its worker crashes, or the response to its last write is lost. */
type Fate = 'ends' | 'crashes' | 'loses-response';

interface Attempt {
  readonly fate: Fate;
  readonly isRead: boolean;
}

const attempts = fc.array(
  fc.record<Attempt>({
    fate: fc.constantFrom('ends', 'ends', 'crashes', 'loses-response'),
    isRead: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

/** One user, attempts that cross, and purges that take every row for old, between any two calls of storage. */
class PurgeSimulation {
  readonly users: MemoryUsers;
  readonly #turn: () => Promise<unknown>;
  readonly #crashed = new Set<string>();
  #nowMs = 1_000_000;
  #known: UserRecord = {};

  constructor(scheduler: fc.Scheduler) {
    this.#turn = () => scheduler.schedule(Promise.resolve());
    this.users = new MemoryUsers({ before: this.#turn, done: () => this.#look(), after: this.#turn });
  }

  async purge(times: number): Promise<void> {
    for (let left = times; left > 0; left--) await this.users.purge({ nowMs: () => this.#nowMs });
  }

  async attempt(number: number, { fate, isRead }: Attempt): Promise<void> {
    const order = { effectiveAtMs: number, batch: `b${number}`, part: 0, entry: 0 };
    const claim = await this.#claim(`c${number}`, isRead ? undefined : order);
    if (claim === undefined) return;
    await this.#turn();
    await claim.record({ before: { ring: 'off' } });
    await this.#turn();
    if (fate === 'crashes') {
      this.#crashed.add(claim.id);
      return;
    }
    if (fate === 'loses-response') this.users.loseNextResponse();
    const signIns = { refusedVersion: `v${number}`, signIns: { version: 'v', sentAtMs: [number] } };
    const unansweredToRestore = { target: 'sip:bob@contoso.com' };
    const ended = {
      outcome: outcomeOf('applied'),
      mayHaveWritten: true,
      before: undefined,
      shownAs: undefined,
      unansweredToRestore,
    };
    const change = isRead ? undefined : { order, ...ended };
    const result = { change, signIns, nowMs: this.#nowMs };
    const released = await claim.release(result);
    // Where the response was lost, the row may have been changed again before the attempt looked for its own write.
    if (fate !== 'loses-response') expect(released, 'the end of an attempt').toBe('recorded');
  }

  /** What was recorded once is never gone, nor does the order of requests go back. */
  #look(): void {
    const before = this.#known;
    this.#known = this.users.peek(alice);
    for (const kept of ['refusedVersion', 'signIns', 'unansweredToRestore', 'standing'] as const) {
      if (before[kept] !== undefined) expect(this.#known).toHaveProperty(kept);
    }
    const orderOf = ({ newest }: UserRecord) => newest?.order.requestedAtMs ?? -1;
    expect(orderOf(this.#known)).toBeGreaterThanOrEqual(orderOf(before));
  }

  /** Waits for the claim; undefined where a newer request is known. */
  async #claim(
    claimId: string,
    order: Parameters<typeof claimToChange>[2]['order'] | undefined,
  ): Promise<Claim | undefined> {
    for (;;) {
      const request = { user: alice, claimId, nowMs: this.#nowMs, durationMs };
      const claimed =
        order === undefined
          ? await claimToRead(this.users, request)
          : await claimToChange(this.users, request, { order, desired: { ring: 'off' } });
      if (claimed.kind === 'claimed') return claimed.claim;
      if (claimed.kind !== 'busy') return undefined;
      const holder = this.users.peek(alice).claim?.id ?? '';
      if (this.#crashed.has(holder)) this.#nowMs = Math.max(this.#nowMs, claimed.untilMs);
      await this.#turn();
    }
  }
}

it('records how each attempt ended and keeps what protects the account, wherever purges cross claims', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      attempts,
      fc.integer({ min: 1, max: 6 }),
      async (scheduler, drawn, purges) => {
        const simulation = new PurgeSimulation(scheduler);
        const work = drawn.map((attempt, number) => simulation.attempt(number, attempt));
        await scheduler.waitFor(Promise.all([...work, simulation.purge(purges)]));
      },
    ),
    { numRuns: 500 },
  );
});
