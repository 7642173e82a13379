import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareOrder, type RequestOrder } from '../../../../../shared/ring/model/request-order.ts';
import { type Claim, claimToChange, claimToRead } from '../../../../../shared/ring/user/claim.ts';
import { sip } from '../../../../support/ring/addresses.ts';
import { MemoryUsers } from '../../../../support/ring/memory-users.ts';
import { outcomeOf } from '../../../../support/ring/outcomes.ts';

const alice = sip('alice@contoso.com');
const durationMs = 120_000;

/** What becomes of one attempt; after a crash the request comes again. */
type Fate = 'crash-before-writing' | 'crash-after-writing' | 'crash-after-release' | 'answer-lost';

interface Request {
  readonly name: string;
  /** Undefined for what only reads. */
  readonly order: RequestOrder | undefined;
  /** Of the attempts before the last, which goes well. */
  readonly fates: readonly Fate[];
}

const fate = fc.constantFrom<Fate>(
  'crash-before-writing',
  'crash-after-writing',
  'crash-after-release',
  'answer-lost',
);
const requests = fc
  .array(
    fc.record({
      requestedAtMs: fc.option(fc.nat(3), { nil: undefined }),
      fates: fc.array(fate, { maxLength: 2 }),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((drawn) =>
    drawn.map(({ requestedAtMs, fates }, index): Request => {
      const name = `request-${index}`;
      const order =
        requestedAtMs === undefined ? undefined : { requestedAtMs, batch: name, part: 0, entry: 0 };
      return { name, order, fates };
    }),
  );

/** One user on a server, several who want to work as that user, and every turn between them the scheduler's. */
class ClaimSimulation {
  readonly users: MemoryUsers;
  /** Orders in which the setting was written. */
  readonly written: RequestOrder[] = [];
  readonly #turn: () => Promise<unknown>;
  readonly #crashed = new Set<string>();
  readonly #begun = new Set<string>();
  #nowMs = 1_000_000;
  #atWork: string | undefined;

  constructor(scheduler: fc.Scheduler) {
    this.#turn = () => scheduler.schedule(Promise.resolve());
    this.users = new MemoryUsers({ before: this.#turn, after: this.#turn });
  }

  async carryOut(request: Request): Promise<void> {
    const fates = [...request.fates, undefined];
    for (const [index, attempt] of fates.entries()) {
      const isOver = await this.#attempt(request, `${request.name}/${index}`, attempt);
      if (isOver) return;
    }
    await this.carryOut({ ...request, name: `${request.name}+`, fates: [] });
  }

  async #attempt({ name, order }: Request, claimId: string, attempt: Fate | undefined): Promise<boolean> {
    if (attempt === 'answer-lost') this.users.loseNextResponse();
    const claimed = await this.#claim(order, claimId);
    if (claimed.kind !== 'claimed') return true;
    const { claim } = claimed;
    const key = order?.batch ?? name;
    if (this.#isOver(claim)) {
      this.#crashed.add(claimId);
      this.#begun.add(key);
      return false;
    }
    expect(this.#atWork, 'who else is at work').toBeUndefined();
    this.#atWork = claimId;
    if (order !== undefined && this.written.includes(order)) expect(claim.mayHaveWritten).toBe(true);
    if (!this.#begun.has(key)) expect(claim.mayHaveWritten).toBe(false);
    this.#begun.add(key);
    await this.#turn();
    if (attempt === 'crash-before-writing') return this.#crash(claimId);
    if (order !== undefined) this.written.push(order);
    await this.#turn();
    if (attempt === 'crash-after-writing') return this.#crash(claimId);
    this.#atWork = undefined;
    const change =
      order === undefined ? undefined : { order, outcome: outcomeOf('applied'), mayHaveWritten: true };
    const result = { change, before: undefined, refusedVersion: undefined, nowMs: this.#nowMs };
    const released = await claim.release(result);
    return released === 'recorded' && attempt !== 'crash-after-release';
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

  /** Storage took so long over a claim that its time passed meanwhile: nobody begins to work under such a one. */
  #isOver({ userRecord }: Claim): boolean {
    return (userRecord.claim?.untilMs ?? 0) <= this.#nowMs;
  }

  #crash(claimId: string): false {
    this.#crashed.add(claimId);
    this.#atWork = undefined;
    return false;
  }
}

it('lets one at a time work as a user, and the newest request win, however attempts cross and crash', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), requests, async (scheduler, drawn) => {
      const simulation = new ClaimSimulation(scheduler);
      await scheduler.waitFor(Promise.all(drawn.map((request) => simulation.carryOut(request))));
      const orders = drawn.flatMap(({ order }) => order ?? []);
      const newest = orders.toSorted(compareOrder).at(-1);
      expect(simulation.written).toEqual(simulation.written.toSorted(compareOrder));
      expect(simulation.written.at(-1)).toEqual(newest);
      const known = simulation.users.peek(alice);
      expect(known.newest?.order).toEqual(newest);
      expect(known.last?.order).toEqual(newest);
      expect(known.claim).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
