import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareOrder, type RequestOrder } from '../../../../../shared/ring/model/request-order.ts';
import type { Claim } from '../../../../../shared/ring/user/claim.ts';
import { claimToChange, claimToRead } from '../../../../../shared/ring/user/claim-user.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { MemoryUsers } from '../../../../support/ring/memory-users.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const alice = sip('alice@contoso.com');
const durationMs = 120_000;

/** What goes wrong in one attempt; after a crash the request is tried again. */
type Fault = 'crash-before-writing' | 'crash-after-writing' | 'crash-after-release' | 'response-lost';

interface Request {
  readonly name: string;
  /** Undefined where the request only reads. */
  readonly order: RequestOrder | undefined;
  /** The faults of the attempts before the last, which has none. */
  readonly faults: readonly Fault[];
}

const anyFault = fc.constantFrom<Fault>(
  'crash-before-writing',
  'crash-after-writing',
  'crash-after-release',
  'response-lost',
);
const anyRequests = fc
  .array(
    fc.record({
      requestedAtMs: fc.option(fc.nat(3), { nil: undefined }),
      faults: fc.array(anyFault, { maxLength: 2 }),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map(({ requestedAtMs, faults }, index): Request => {
      const name = `request-${index}`;
      const order =
        requestedAtMs === undefined
          ? undefined
          : { effectiveAtMs: requestedAtMs, batch: name, part: 0, entry: 0 };
      return { name, order, faults };
    }),
  );

/** Several workers that claim one user. The scheduler decides the order of their calls to storage and to the server. */
class ClaimSimulation {
  readonly users: MemoryUsers;
  /** The requests whose setting was written, in order. */
  readonly written: RequestOrder[] = [];
  readonly #turn: () => Promise<unknown>;
  readonly #crashed = new Set<string>();
  readonly #started = new Set<string>();
  #nowMs = 1_000_000;
  /** The claim under which a worker writes to the server. */
  #activeClaim: string | undefined;

  constructor(scheduler: fc.Scheduler) {
    this.#turn = () => scheduler.schedule(Promise.resolve());
    this.users = new MemoryUsers({ before: this.#turn, after: this.#turn });
  }

  async carryOut(request: Request): Promise<void> {
    const faults = [...request.faults, undefined];
    for (const [index, fault] of faults.entries()) {
      const isDone = await this.#attempt(request, `${request.name}/${index}`, fault);
      if (isDone) return;
    }
    await this.carryOut({ ...request, name: `${request.name}+`, faults: [] });
  }

  async #attempt({ name, order }: Request, claimId: string, fault: Fault | undefined): Promise<boolean> {
    if (fault === 'response-lost') this.users.loseNextResponse();
    const claimed = await this.#claim(order, claimId);
    if (claimed.kind !== 'claimed') return true;
    const { claim } = claimed;
    const key = order?.batch ?? name;
    if (this.#hasExpired(claim)) {
      this.#crashed.add(claimId);
      this.#started.add(key);
      return false;
    }
    expect(this.#activeClaim, 'another worker holds the claim').toBeUndefined();
    this.#activeClaim = claimId;
    if (order !== undefined && this.written.includes(order)) expect(claim.mayHaveWritten).toBe(true);
    if (!this.#started.has(key)) expect(claim.mayHaveWritten).toBe(false);
    this.#started.add(key);
    await this.#turn();
    if (fault === 'crash-before-writing') return this.#crash(claimId);
    if (order !== undefined) this.written.push(order);
    await this.#turn();
    if (fault === 'crash-after-writing') return this.#crash(claimId);
    this.#activeClaim = undefined;
    const signIns = { refusedVersion: undefined, signIns: undefined };
    const ended = {
      outcome: outcomeOf('applied'),
      mayHaveWritten: true,
      before: undefined,
      shownAs: undefined,
      unansweredToRestore: undefined,
    };
    const change = order === undefined ? undefined : { order, ...ended };
    const result = { change, signIns, nowMs: this.#nowMs };
    const released = await claim.release(result);
    return released === 'recorded' && fault !== 'crash-after-release';
  }

  async #claim(order: RequestOrder | undefined, claimId: string) {
    for (;;) {
      const request = { user: alice, claimId, nowMs: this.#nowMs, durationMs };
      const claimed =
        order === undefined
          ? await claimToRead(this.users, request)
          : await claimToChange(this.users, request, { order, desired: { ring: 'off' } });
      if (claimed.kind !== 'busy') return claimed;
      const holder = this.users.peek(alice).claim?.id ?? '';
      if (this.#crashed.has(holder)) this.#nowMs = Math.max(this.#nowMs, claimed.untilMs);
      await this.#turn();
    }
  }

  /** True where storage was so slow that the claim expired before it was returned: no work starts under it. */
  #hasExpired({ userRecord }: Claim): boolean {
    return (userRecord.claim?.untilMs ?? 0) <= this.#nowMs;
  }

  #crash(claimId: string): false {
    this.#crashed.add(claimId);
    this.#activeClaim = undefined;
    return false;
  }
}

describe('a claim', () => {
  it('admits one worker at a time and keeps the newest request, however attempts interleave and crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), anyRequests, async (scheduler, requests) => {
        const simulation = new ClaimSimulation(scheduler);
        await scheduler.waitFor(Promise.all(requests.map((request) => simulation.carryOut(request))));
        const orders = requests.flatMap(({ order }) => order ?? []);
        const newest = orders.toSorted(compareOrder).at(-1);
        expect(simulation.written).toEqual(simulation.written.toSorted(compareOrder));
        expect(simulation.written.at(-1)).toEqual(newest);
        const stored = simulation.users.peek(alice);
        expect(stored.newest?.order).toEqual(newest);
        expect(stored.last?.order).toEqual(newest);
        expect(stored.claim).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
